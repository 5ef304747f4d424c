import { describe, expect, it } from '@jest/globals';
import {
  Secret,
  type DescribedTable,
  type QueryContext,
  type StagingQuery,
  type TextRow,
  type WarehouseEngine,
  type WarehouseQuery,
} from '@pipelines/pipeline';
import { contextOf, SERVICE_ACCOUNT } from '../testing/gcp-answers.ts';
import type { GcpSecret } from '../gcp.secret.ts';
import type { GcpBillingExportOptions } from './gcp-billing-export.options.ts';
import { REQUIRED_PATHS } from './gcp-billing-export.paths.ts';
import { GcpBillingExportProcessor } from './gcp-billing-export.processor.ts';

const TABLE = 'gcp_billing_export_v1_01AB23_CD45EF_678901';
const ACCOUNT = '01AB23-CD45EF-678901';
const WATERMARK = '2026-11-03T06:00:00.654321Z';
const OPTIONS: GcpBillingExportOptions = { export_lookback_days: 7, incomplete_rows: 'refuse' };
/** What every row that is loaded has. */
const COMPLETE = `NOT (\`usage_start_time\` IS NULL)
  AND NOT (\`export_time\` IS NULL)
  AND NOT (COALESCE(\`currency\`, '') = '')
  AND NOT (NOT COALESCE(ABS(SAFE_CAST(\`cost\` AS FLOAT64)) < 1e38, FALSE))
  AND NOT (EXISTS (SELECT 1 FROM UNNEST(\`credits\`) AS credit WHERE credit.amount IS NOT NULL AND NOT COALESCE(ABS(SAFE_CAST(credit.amount AS FLOAT64)) < 1e38, FALSE)))`;
const KNOWN = `(SELECT JSON_VALUE(pair, '$[0]') AS clock, CAST(JSON_VALUE(pair, '$[1]') AS TIMESTAMP) AS since FROM UNNEST(JSON_QUERY_ARRAY(@clocks)) AS pair)`;

type Context = QueryContext<GcpBillingExportOptions, GcpSecret>;

describe('GcpBillingExportProcessor', () => {
  const processor = new GcpBillingExportProcessor();

  const context = (
    change: Partial<Context> = {},
    billing_export_table: string | string[] | undefined = `acme_billing.${TABLE}`,
  ): Context => ({
    ...contextOf(OPTIONS),
    writers: [],
    secret: new Secret({ ...SERVICE_ACCOUNT, billing_export_table }),
    target: { dataset: 'acme_dev', table: 'gcp_billing_costs', writeDisposition: 'replace_partitions' },
    ...change,
  });
  const described = (
    paths: readonly string[] = [...REQUIRED_PATHS, 'credits', '_PARTITIONTIME', 'billing_account_id'],
  ): DescribedTable => ({
    reference: { project: 'acme-billing', dataset: 'acme_billing', table: TABLE },
    sqlName: `\`acme-billing.acme_billing.${TABLE}\``,
    columns: paths.map((path) => ({ path, type: 'STRING', repeated: path === 'credits' })),
  });
  const loaded: DescribedTable = {
    reference: { dataset: 'acme_dev', table: 'gcp_billing_costs' },
    sqlName: '`acme.acme_dev.gcp_billing_costs`',
    columns: [],
  };
  /** Goes on from the watermark of the account. */
  const since = (change: Partial<Context> = {}): Partial<Context> => ({
    watermarks: { [ACCOUNT]: WATERMARK },
    loaded,
    ...change,
  });
  const query = (
    change: Partial<Context> = {},
    {
      engine = 'bigquery',
      tables = [described()],
      exported = [],
      before = [],
      incomplete = [],
      overlap = [],
      asked = [],
    }: {
      engine?: WarehouseEngine;
      tables?: readonly (DescribedTable | undefined)[];
      /** Answers of the export and of the target. */
      exported?: readonly TextRow[];
      before?: readonly TextRow[];
      incomplete?: readonly TextRow[];
      overlap?: readonly TextRow[];
      asked?: WarehouseQuery[];
    } = {},
  ): Promise<StagingQuery> =>
    processor.queryFor(context(change), engine, tables, (question) => {
      asked.push(question);
      const { sql } = question;
      if (sql.includes('AS incomplete')) return Promise.resolve(incomplete);
      if (sql.includes('HAVING COUNT(*) > 1')) return Promise.resolve(overlap);
      return Promise.resolve(sql.includes(loaded.sqlName) ? before : exported);
    });
  const conditionOf = ({ sql }: WarehouseQuery): string => sql.slice(sql.lastIndexOf('\n  WHERE') + 3);
  /** Rows of an account on a day, as the question for touched days is answered. */
  const figures = (day: string, change: TextRow = {}): TextRow => ({
    clock: ACCOUNT,
    day,
    latest: '2026-11-04T06:00:00.000001Z',
    figures: '1 5',
    ...change,
  });

  it('reads the table that the credential names, in the project of the key unless it names one', () => {
    expect(processor.sourcesFor(context())).toEqual([
      { project: 'acme-billing', dataset: 'acme_billing', table: TABLE },
    ]);
    expect(processor.sourcesFor(context({}, `acme.com:pay-12.exports.${TABLE}`))).toEqual([
      { project: 'acme.com:pay-12', dataset: 'exports', table: TABLE },
    ]);
  });

  it.each([
    ['an array', ['a.one', 'acme-other.b.two']],
    ['a text with commas', 'a.one, acme-other.b.two'],
  ])('reads several tables that the credential names in %s', (_how, names) => {
    expect(processor.sourcesFor(context({}, names))).toEqual([
      { project: 'acme-billing', dataset: 'a', table: 'one' },
      { project: 'acme-other', dataset: 'b', table: 'two' },
    ]);
  });

  it('refuses a table that is named twice, with its project and without', () => {
    expect(() => processor.sourcesFor(context({}, ['a.one', 'acme-billing.a.one']))).toThrow(
      expect.objectContaining({
        code: 'configuration_invalid',
        message: expect.stringContaining('names a table twice, which would be counted twice.'),
      }),
    );
  });

  it('says what to do when the credential names no table', () => {
    const nameless = context({ secret: new Secret(SERVICE_ACCOUNT) });

    expect(() => processor.sourcesFor(nameless)).toThrow(
      expect.objectContaining({
        code: 'configuration_invalid',
        message:
          'The gcp credential does not say which table to read. Store it again with "billing_export_table": "project.dataset.table" beside the fields of the key, or with a list of tables, one of each billing account.',
      }),
    );
  });

  it('reads everything without a watermark, and asks first for what cannot be loaded', async () => {
    const asked: WarehouseQuery[] = [];

    const everything = await query({}, { asked });

    expect(conditionOf(everything)).toBe(
      `WHERE ${COMPLETE}\n  AND _PARTITIONTIME >= TIMESTAMP '2008-01-01'\n) AS charge`,
    );
    expect(everything.parameters).toEqual({});
    expect(asked).toHaveLength(1);
    expect(asked[0]!.sql).toContain(
      `WHERE NOT (${COMPLETE})\n  AND _PARTITIONTIME >= TIMESTAMP '2008-01-01'`,
    );
  });

  it('reads from a day on, by partitions of the day before', async () => {
    expect(conditionOf(await query({ options: { ...OPTIONS, since: '2026-10-01' } }))).toBe(
      `WHERE ${COMPLETE}
  AND DATE(\`usage_start_time\`) >= DATE '2026-10-01'
  AND _PARTITIONTIME >= TIMESTAMP '2026-09-30'
) AS charge`,
    );
  });

  it('compares what was exported since the look-back with what is loaded, and reads the days that differ and the window by constants', async () => {
    const asked: WarehouseQuery[] = [];
    const exported = [
      figures('2026-09-15'),
      figures('2026-10-29', { latest: '2026-10-30T00:00:00.000000Z' }),
      figures('2026-11-02', { latest: '2026-11-04T06:00:00.000000Z' }),
    ];
    const before = [figures('2026-09-15', { figures: '1 4' }), figures('2026-10-29')];

    const { sql, parameters } = await query(since(), { asked, exported, before });

    const clocks = JSON.stringify([[ACCOUNT, '2026-10-27T06:00:00.654321Z']]);
    expect(asked.slice(0, 2)).toEqual([
      {
        sql: `SELECT told.clock AS clock, CAST(told.day AS STRING) AS day, FORMAT_TIMESTAMP('%Y-%m-%dT%H:%M:%E6SZ', MAX(told.exported_at)) AS latest,
  CAST(COUNT(*) AS STRING) || ' ' || CAST(SUM(CAST(CAST(told.measured AS STRING) AS BIGNUMERIC)) AS STRING) AS figures
FROM (
  SELECT COALESCE(\`billing_account_id\`, '') AS clock, DATE(\`usage_start_time\`) AS day, \`export_time\` AS exported_at, \`cost\` AS measured
  FROM \`acme-billing.acme_billing.${TABLE}\`
  WHERE ${COMPLETE}
  AND _PARTITIONTIME >= TIMESTAMP '2026-10-26'
) AS told LEFT JOIN ${KNOWN} AS known ON known.clock = told.clock
WHERE known.since IS NULL OR told.exported_at > known.since
GROUP BY 1, 2`,
        parameters: { clocks },
      },
      {
        sql: `SELECT COALESCE(told.\`billing_account_id\`, '') AS clock, CAST(told.\`usage_date\` AS STRING) AS day,
  CAST(COUNT(*) AS STRING) || ' ' || CAST(SUM(CAST(CAST(told.\`cost\` AS STRING) AS BIGNUMERIC)) AS STRING) AS figures
FROM ${loaded.sqlName} AS told LEFT JOIN ${KNOWN} AS known ON known.clock = COALESCE(told.\`billing_account_id\`, '')
WHERE (told.\`usage_date\` >= DATE '2026-09-15' AND told.\`usage_date\` < DATE '2026-09-16' OR told.\`usage_date\` >= DATE '2026-10-29' AND told.\`usage_date\` < DATE '2026-10-30' OR told.\`usage_date\` >= DATE '2026-11-02' AND told.\`usage_date\` < DATE '2026-11-03')
  AND (known.since IS NULL OR told.\`export_time\` > known.since)
GROUP BY 1, 2`,
        parameters: { clocks },
      },
    ]);
    expect(conditionOf({ sql, parameters })).toBe(`WHERE ${COMPLETE}
  AND (DATE(\`usage_start_time\`) >= DATE '2026-09-15' AND DATE(\`usage_start_time\`) < DATE '2026-09-16' OR DATE(\`usage_start_time\`) >= DATE '2026-11-01' AND DATE(\`usage_start_time\`) < DATE '2026-11-03')
  AND \`export_time\` <= CAST(@upto AS TIMESTAMP)
  AND _PARTITIONTIME >= TIMESTAMP '2026-09-14'
) AS charge`);
    expect(parameters).toEqual({ upto: '2026-11-04T06:00:00.000001Z' });
  });

  it('looks back behind the watermark of the account that lags most, but not for ever', async () => {
    const asked: WarehouseQuery[] = [];
    const watermarks = {
      [ACCOUNT]: WATERMARK,
      B: '2026-10-20T00:00:00.000000Z',
      C: '2024-01-01T00:00:00.000000Z',
    };
    const options = { ...OPTIONS, export_lookback_days: 3 };

    await query(since({ watermarks, options }), { asked });
    await query(since({ watermarks: { ...watermarks, C: WATERMARK }, options }), { asked });

    const [withDormant, , without] = asked;
    expect(withDormant!.sql).toContain(`_PARTITIONTIME >= TIMESTAMP '2026-09-20'`);
    expect(withDormant!.parameters.clocks).toBe(
      JSON.stringify([
        [ACCOUNT, '2026-10-31T06:00:00.654321Z'],
        ['B', '2026-10-17T00:00:00.000000Z'],
        ['C', '2023-12-29T00:00:00.000000Z'],
      ]),
    );
    expect(without!.sql).toContain(`_PARTITIONTIME >= TIMESTAMP '2026-10-16'`);
  });

  it('compares rows of any age once an account is found that has no watermark', async () => {
    const asked: WarehouseQuery[] = [];

    await query(since(), { asked, exported: [figures('2026-10-29', { clock: 'NEW' })] });

    expect(asked.map(({ sql }) => /_PARTITIONTIME >= TIMESTAMP '([-\d]+)'/.exec(sql)?.[1])).toEqual([
      '2026-10-26',
      '2008-01-01',
      undefined,
      '2008-01-01',
    ]);
  });

  it('reads the window alone, as of the watermark, when nothing is newer', async () => {
    const { parameters, sql } = await query(since());

    expect(parameters).toEqual({ upto: WATERMARK });
    expect(conditionOf({ sql, parameters })).toContain(
      `AND DATE(\`usage_start_time\`) >= DATE '2026-11-01' AND DATE(\`usage_start_time\`) < DATE '2026-11-02'\n  AND `,
    );
  });

  it('tells what the export holds of the very rows that are read, by day and currency', async () => {
    const { control, parameters } = await query(since());

    const rows = `FROM \`acme-billing.acme_billing.${TABLE}\``;
    const condition = `WHERE ${COMPLETE}
  AND DATE(\`usage_start_time\`) >= DATE '2026-11-01' AND DATE(\`usage_start_time\`) < DATE '2026-11-02'
  AND \`export_time\` <= CAST(@upto AS TIMESTAMP)
  AND _PARTITIONTIME >= TIMESTAMP '2026-10-31'`;
    expect(control).toEqual({
      by: ['usage_date', 'currency'],
      sums: ['cost', 'net_cost'],
      query: {
        sql: `
SELECT CAST(day AS STRING) AS usage_date, currency, CAST(SUM(charges) AS STRING) AS row_count,
  CAST(SUM(cost) AS STRING) AS cost, CAST(SUM(net_cost) AS STRING) AS net_cost
FROM (
  SELECT DATE(\`usage_start_time\`) AS day, \`currency\` AS currency, 1 AS charges, CAST(CAST(\`cost\` AS STRING) AS BIGNUMERIC) AS cost, CAST(CAST(\`cost\` AS STRING) AS BIGNUMERIC) AS net_cost
  ${rows}
  ${condition}
  UNION ALL
  SELECT DATE(\`usage_start_time\`) AS day, \`currency\` AS currency, 0, CAST(CAST(0 AS STRING) AS BIGNUMERIC), CAST(CAST(\`credit\`.\`amount\` AS STRING) AS BIGNUMERIC)
  ${rows} CROSS JOIN UNNEST(\`credits\`) AS credit
  ${condition}
) AS amounts
GROUP BY day, currency`,
        parameters,
      },
    });
  });

  it('leaves days before the first one alone, whatever touches them', async () => {
    const exported = [figures('2026-09-15')];

    const { sql } = await query(since({ options: { ...OPTIONS, since: '2026-10-01' } }), { exported });

    expect(sql).not.toContain('2026-09-15');
  });

  it('reads and replaces of the window what lies on or after the first one', async () => {
    const options = { ...OPTIONS, since: '2026-11-01' };
    const window = { start: '2026-10-30', end: '2026-11-03' };

    const { sql } = await query(since({ options, window }));

    expect(sql).toContain(
      `AND DATE(\`usage_start_time\`) >= DATE '2026-11-01' AND DATE(\`usage_start_time\`) < DATE '2026-11-03'\n  AND \`export_time\``,
    );
    expect(processor.schemaFor(options).firstDay).toBe('2026-11-01');
  });

  it.each([{}, since()])('refuses a window before the first one (%j)', async (change) => {
    await expect(query({ ...change, options: { ...OPTIONS, since: '2026-11-02' } })).rejects.toMatchObject({
      code: 'configuration_invalid',
      message: expect.stringContaining('loads nothing before 2026-11-02'),
    });
  });

  it.each([{}, since(), since({ options: { ...OPTIONS, since: '2026-10-01' } })])(
    'names partitions wherever it reads a partitioned table, which may require it (%j)',
    async (change) => {
      const asked: WarehouseQuery[] = [];

      const { sql, control } = await query(change, { asked, exported: [figures('2026-10-29')] });

      const texts = [sql, control!.query.sql, ...asked.map((question) => question.sql)];
      for (const text of texts.filter((it) => it.includes(TABLE))) {
        const reads = text.split(`FROM \`acme-billing.acme_billing.${TABLE}\``).slice(1);
        for (const read of reads) expect(read).toMatch(/AND _PARTITIONTIME >= TIMESTAMP '\d{4}-\d\d-\d\d'/);
      }
    },
  );

  it('does without partitions where a view hides them', async () => {
    const { sql } = await query(since(), { tables: [described([...REQUIRED_PATHS, 'credits'])] });

    expect(sql).not.toContain('_PARTITIONTIME');
  });

  describe('of several exports', () => {
    const names = [`acme_billing.${TABLE}`, 'acme_billing.other'];
    const tables = [described(), { ...described(), sqlName: '`acme-billing.acme_billing.other`' }];
    const both = { secret: new Secret({ ...SERVICE_ACCOUNT, billing_export_table: names }) };

    it('refuses those that hold charges of one account on one day', async () => {
      const asked: WarehouseQuery[] = [];
      const overlap = [
        {
          account: ACCOUNT,
          day: '2026-10-01',
          one: `acme-billing.acme_billing.${TABLE}`,
          other: 'acme-billing.acme_billing.other',
        },
      ];

      await expect(query(both, { tables, overlap, asked })).rejects.toMatchObject({
        code: 'configuration_invalid',
        message: `acme-billing.acme_billing.${TABLE} and acme-billing.acme_billing.other both hold charges of billing account ${ACCOUNT} on 2026-10-01, which would be counted twice. Name one export of each account in the gcp credential, standard or detailed, or views that hold different days.`,
      });
      expect(asked.at(-1)!.sql).toContain(`WHERE account <> ''\nGROUP BY account, day\nHAVING COUNT(*) > 1`);
    });

    it('names the one that is missing', async () => {
      await expect(query(both, { tables: [described(), undefined] })).rejects.toMatchObject({
        code: 'source_not_found',
        message: expect.stringContaining('There is no table acme-billing.acme_billing.other.'),
      });
    });
  });

  describe('given rows that cannot be loaded', () => {
    const lacking = (lacking: string, row_count: string, with_money: string): TextRow => ({
      lacking,
      row_count,
      with_money,
    });

    it('counts those that hold no money', async () => {
      const { passedOver } = await query({}, { incomplete: [lacking('currency', '3', '0')] });

      expect(passedOver).toEqual([{ reason: 'no currency', rows: 3, rows_with_money: 0 }]);
    });

    it.each([{}, since()])('refuses those that hold money, and says what to do (%j)', async (change) => {
      const incomplete = [
        lacking('currency', '3', '2'),
        lacking('export_time', '1', '0'),
        lacking('usage_start_time', '1', '1'),
      ];

      await expect(query(change, { incomplete })).rejects.toMatchObject({
        code: 'incomplete_rows',
        message: `Rows of acme-billing.acme_billing.${TABLE} hold money and cannot be loaded: 2 (no currency), 1 (no usage_start_time). The target was not touched. Correct them, name a billing export or a view that does not have them, or set processor.options.incomplete_rows to leave_out to load the others.`,
      });
    });

    it('counts those that hold money where they are to be left out', async () => {
      const { passedOver } = await query(
        { options: { ...OPTIONS, incomplete_rows: 'leave_out' } },
        { incomplete: [lacking('currency', '3', '2')] },
      );

      expect(passedOver).toEqual([{ reason: 'no currency', rows: 3, rows_with_money: 2 }]);
    });
  });

  it.each([
    ['bigquery', `acme-billing.acme_billing.${TABLE}`],
    ['duckdb', `acme_billing.${TABLE}`],
  ] as const)('names the table that is missing in %s, and what to do', async (engine, name) => {
    await expect(query({}, { engine, tables: [undefined] })).rejects.toMatchObject({
      code: 'source_not_found',
      message: expect.stringContaining(`There is no table ${name}. Enable the detailed (or standard)`),
    });
  });

  it('refuses a table that is no billing export, naming what it lacks', async () => {
    const table = described(REQUIRED_PATHS.filter((path) => path !== 'invoice.month'));

    await expect(query({}, { tables: [table] })).rejects.toMatchObject({
      code: 'source_not_found',
      message: expect.stringContaining('is not a billing export: it has no column invoice.month.'),
    });
  });

  it.each(['other', 'acme_corp', 'acm'])('reads nothing of %s in a warehouse that is shared', async (org) => {
    await expect(query({ org }, { engine: 'duckdb' })).rejects.toMatchObject({
      code: 'configuration_invalid',
      message: `In a DuckDB warehouse ${org} reads exports from datasets called ${org}_… alone, not from acme_billing.`,
    });
  });
});
