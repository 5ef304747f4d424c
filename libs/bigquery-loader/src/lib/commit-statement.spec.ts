import { describe, expect, it } from '@jest/globals';
import { aLoad, COSTS } from '@pipelines/pipeline/testing';
import { commitStatement } from './commit-statement.ts';

const OWN = "_pipeline = 'sample/cost/daily'";
const WINDOW = "`day` >= DATE '2026-11-01' AND `day` < DATE '2026-11-03'";
const FIGURES = (
  scope: string,
) => `SELECT \`day\` AS day, 'cost' AS name, COALESCE(\`currency\`, '') AS currency,
  COALESCE(SUM(\`cost\`), 0) AS total,
  SUM(IF(_run_id = 'run-7', \`cost\`, NULL)) AS own
FROM \`prj.acme_test.costs\` WHERE ${OWN} AND ${scope} GROUP BY 1, 3;`;
const OWN_MONEY =
  '(SELECT name, currency, SUM(own) AS total FROM figures_after_run7_2 WHERE own IS NOT NULL GROUP BY name, currency)';
const RESTATED = `(
      SELECT day, name, currency, COALESCE(earlier.total, 0) AS total_before, COALESCE(later.total, 0) AS total_after
      FROM figures_before_run7_2 AS earlier FULL JOIN figures_after_run7_2 AS later USING (day, name, currency)
      WHERE COALESCE(earlier.total, 0) != COALESCE(later.total, 0) AND day IN (SELECT day FROM figures_before_run7_2))`;

const OPENING = `DECLARE committed, replaced INT64 DEFAULT 0;
DECLARE days STRING DEFAULT '[]';
BEGIN TRANSACTION;
IF EXISTS (SELECT 1 FROM \`prj.acme_test._pipelines_commits\` WHERE run_id = @run_id) THEN
  RAISE USING MESSAGE = 'the run has committed already';
END IF;
`;
const INSERT = `INSERT INTO \`prj.acme_test.costs\` (\`day\`, \`item\`, \`cost\`, \`currency\`, \`_run_id\`, \`_pipeline\`, \`_loaded_at\`, \`_credential\`)
SELECT \`day\`, \`item\`, \`cost\`, \`currency\`, @run_id, @pipeline, CAST(@loaded_at AS TIMESTAMP), NULLIF(@credential, '') FROM \`prj.acme_test.stg_costs_run7_2\`;
SET committed = (SELECT COUNT(*) FROM \`prj.acme_test.costs\` WHERE _run_id = @run_id AND ${WINDOW});
`;
const VERIFY = `IF committed IS DISTINCT FROM CAST(JSON_VALUE(@proof, '$.rows.extracted') AS INT64) OR EXISTS (
  SELECT 1 FROM ${OWN_MONEY} AS found
  FULL JOIN (
    SELECT JSON_VALUE(item, '$.column') AS name, JSON_VALUE(item, '$.currency') AS currency,
      CAST(JSON_VALUE(item, '$.sum') AS BIGNUMERIC) AS total
    FROM UNNEST(JSON_QUERY_ARRAY(@proof, '$.money.extracted')) AS item
  ) AS proven USING (name, currency)
  WHERE COALESCE(found.total, 0) != COALESCE(proven.total, 0)) THEN
  RAISE USING MESSAGE = 'committed rows or sums are not the proven ones';
END IF;
`;
const ENTER = (
  money: string,
  count: string,
  restated: string,
) => `INSERT INTO \`prj.acme_test._pipelines_commits\` (run_id, attempt, target, committed_at, rows_committed, rows_replaced, money, days_replaced, restated_figures, restated, job_id, proof)
SELECT @run_id,
  CAST(@attempt AS INT64),
  'acme_test.costs',
  CURRENT_TIMESTAMP(),
  committed,
  replaced,
  ${money},
  days,
  ${count},
  ${restated},
  @job_id,
  @proof;
COMMIT TRANSACTION;`;
const MONEY_TEXT = `TO_JSON_STRING(ARRAY(
    SELECT AS STRUCT name AS \`column\`, currency, CAST(total AS STRING) AS sum
    FROM ${OWN_MONEY} ORDER BY name, currency))`;
const RESTATED_TEXT = `TO_JSON_STRING(ARRAY(
    SELECT AS STRUCT CAST(day AS STRING) AS day, name AS \`column\`, currency,
      CAST(total_before AS STRING) AS before, CAST(total_after AS STRING) AS after
    FROM ${RESTATED} ORDER BY day DESC, name, currency LIMIT 1000))`;
const ENTER_RESTATED = ENTER(MONEY_TEXT, `(SELECT COUNT(*) FROM ${RESTATED})`, RESTATED_TEXT);

describe('commitStatement', () => {
  it.each(['append', 'replace', 'replace_partitions', 'merge'] as const)(
    'has the filter that the target requires wherever it reads or changes it, as %s',
    (writeDisposition) => {
      const load = aLoad({ target: { writeDisposition, mergeKey: ['item'] } });
      const everyRow = (prefix = '') => `${prefix}day IS NOT NULL`;

      const script = commitStatement('prj', { ...load, everyRow });
      const reads = script
        .split(/;|UNION ALL/)
        .filter((part) => /(FROM|MERGE) `prj.acme_test.costs`/.test(part));

      expect(reads.length).toBeGreaterThan(1);
      for (const part of reads) expect(part).toContain('day IS NOT NULL');
    },
  );

  const statement = (target: object, change: object = {}) =>
    commitStatement(
      'prj',
      aLoad({
        runId: 'run-7',
        attempt: 2,
        window: { start: '2026-11-01', end: '2026-11-03' },
        target,
        ...change,
      }),
    );

  it('appends, and has nothing to restate', () => {
    expect(statement({ writeDisposition: 'append' }))
      .toBe(`${OPENING}${INSERT}CREATE TEMP TABLE figures_after_run7_2 AS
${FIGURES(WINDOW)}
${VERIFY}${ENTER(MONEY_TEXT, '0', "'[]'")}`);
  });

  it('replaces the days of the window by constants, and measures them before and after', () => {
    expect(statement({ writeDisposition: 'replace_partitions' }))
      .toBe(`${OPENING}SET days = TO_JSON_STRING(ARRAY(
  SELECT DISTINCT CAST(\`day\` AS STRING) AS day
  FROM \`prj.acme_test.costs\` WHERE ${OWN} AND ${WINDOW} ORDER BY day));
CREATE TEMP TABLE figures_before_run7_2 AS
${FIGURES(WINDOW)}
DELETE FROM \`prj.acme_test.costs\` WHERE ${OWN} AND ${WINDOW};
SET replaced = @@row_count;
${INSERT}CREATE TEMP TABLE figures_after_run7_2 AS
${FIGURES(WINDOW)}
${VERIFY}${ENTER_RESTATED}`);
  });

  it('replaces the spans of an incremental load by constants everywhere', () => {
    const spans = [
      { start: '2026-03-01', end: '2026-03-02' },
      { start: '2026-11-01', end: '2026-11-03' },
    ];
    const SPANS = `(\`day\` >= DATE '2026-03-01' AND \`day\` < DATE '2026-03-02' OR ${WINDOW})`;

    const replace = statement({ writeDisposition: 'replace_partitions' }, { spans });

    expect(replace).toContain(`DELETE FROM \`prj.acme_test.costs\` WHERE ${OWN} AND ${SPANS};`);
    expect(replace.split(SPANS)).toHaveLength(6);
    expect(replace.replaceAll(SPANS, '').includes(WINDOW)).toBe(false);
  });

  it('merges by a null-safe key, inside the window where the key holds its column', () => {
    const merge = statement({ writeDisposition: 'merge', mergeKey: ['day', 'item'] });

    expect(merge).toContain(`CREATE TEMP TABLE figures_before_run7_2 AS
${FIGURES(WINDOW)}
IF EXISTS (SELECT 1 FROM \`prj.acme_test.stg_costs_run7_2\` GROUP BY \`day\`, \`item\` HAVING COUNT(*) > 1) THEN
  RAISE USING MESSAGE = 'merge key is not unique';
END IF;
MERGE \`prj.acme_test.costs\` AS target USING \`prj.acme_test.stg_costs_run7_2\` AS staged
ON target.\`day\` >= DATE '2026-11-01' AND target.\`day\` < DATE '2026-11-03' AND target.${OWN} AND target.\`day\` = staged.\`day\` AND TO_JSON_STRING(target.\`item\`) = TO_JSON_STRING(staged.\`item\`)
WHEN MATCHED THEN DELETE;
SET replaced = @@row_count;
${INSERT}`);
    expect(merge).toMatch(/INSERT INTO `prj.acme_test._pipelines_commits`.*@proof;\nCOMMIT TRANSACTION;$/s);
  });

  it('merges, and measures, the whole table where the key does not hold the window column', () => {
    const merge = statement({ writeDisposition: 'merge', mergeKey: ['item'] });

    expect(merge).toContain(
      `ON target.${OWN} AND TO_JSON_STRING(target.\`item\`) = TO_JSON_STRING(staged.\`item\`)\n`,
    );
    expect(merge).toContain(`CREATE TEMP TABLE figures_after_run7_2 AS\n${FIGURES('TRUE')}`);
  });

  it('replaces and measures the table', () => {
    expect(statement({ writeDisposition: 'replace' }))
      .toBe(`${OPENING}CREATE TEMP TABLE figures_before_run7_2 AS
${FIGURES('TRUE')}
DELETE FROM \`prj.acme_test.costs\` WHERE ${OWN};
SET replaced = @@row_count;
${INSERT}CREATE TEMP TABLE figures_after_run7_2 AS
${FIGURES('TRUE')}
${VERIFY}${ENTER_RESTATED}`);
  });

  it('counts alone where there is no money', () => {
    const schema = { ...COSTS, windowColumn: undefined, money: [] };
    const replace = statement({ writeDisposition: 'replace' }, { schema });

    expect(replace).not.toContain('figures_');
    expect(replace).toContain('WHERE _run_id = @run_id AND TRUE);');
    expect(replace).toContain(
      `IF committed IS DISTINCT FROM CAST(JSON_VALUE(@proof, '$.rows.extracted') AS INT64) THEN`,
    );
    expect(replace.endsWith(ENTER("'[]'", '0', "'[]'"))).toBe(true);
  });

  it('sums money of a table without days', () => {
    const replace = statement(
      { writeDisposition: 'replace' },
      { schema: { ...COSTS, windowColumn: undefined } },
    );

    expect(replace).toContain("SELECT CAST(NULL AS DATE) AS day, 'cost' AS name,");
    expect(replace).toContain(`WHERE ${OWN} AND TRUE GROUP BY 3;`);
    expect(replace).not.toContain('figures_before');
  });

  it('lets nothing but a date into a date literal', () => {
    const window = { start: "2026-11-01' OR TRUE --", end: '2026-11-02' };

    expect(() => statement({ writeDisposition: 'replace_partitions' }, { window })).toThrow(
      'is not a calendar day',
    );
  });
});
