import { describe, expect, it } from '@jest/globals';
import { aLoad } from '@pipelines/pipeline/testing';
import { commitStatement } from './commit-statement.ts';

const INSERT = `INSERT INTO \`prj.acme_test.costs\` (\`day\`, \`item\`, \`cost\`, \`currency\`, \`_run_id\`, \`_pipeline\`, \`_loaded_at\`)
SELECT \`day\`, \`item\`, \`cost\`, \`currency\`, @run_id, @pipeline, CAST(@loaded_at AS TIMESTAMP) FROM \`prj.acme_test.stg_costs_run7_2\`;
SET committed = @@row_count;
COMMIT TRANSACTION;
SELECT CAST(committed AS STRING) AS committed, CAST(replaced AS STRING) AS replaced;`;

describe('commitStatement', () => {
  const statement = (target: object, window = { start: '2026-11-01', end: '2026-11-03' }) =>
    commitStatement('prj', aLoad({ runId: 'run-7', attempt: 2, window, target }));

  it('appends', () => {
    expect(statement({ writeDisposition: 'append' })).toBe(`DECLARE replaced, committed INT64 DEFAULT 0;
BEGIN TRANSACTION;
${INSERT}`);
  });

  it('replaces the days of the window by constants', () => {
    expect(statement({ writeDisposition: 'replace_partitions' }))
      .toBe(`DECLARE replaced, committed INT64 DEFAULT 0;
BEGIN TRANSACTION;
DELETE FROM \`prj.acme_test.costs\` WHERE \`day\` >= DATE '2026-11-01' AND \`day\` < DATE '2026-11-03';
SET replaced = @@row_count;
${INSERT}`);
  });

  it('merges by a null-safe key, inside the window where the key holds its column', () => {
    expect(statement({ writeDisposition: 'merge', mergeKey: ['day', 'item'] }))
      .toBe(`DECLARE replaced, committed INT64 DEFAULT 0;
ASSERT NOT EXISTS (SELECT 1 FROM \`prj.acme_test.stg_costs_run7_2\` GROUP BY \`day\`, \`item\` HAVING COUNT(*) > 1) AS 'merge key is not unique';
BEGIN TRANSACTION;
MERGE \`prj.acme_test.costs\` AS target USING \`prj.acme_test.stg_costs_run7_2\` AS staged
ON target.\`day\` >= DATE '2026-11-01' AND target.\`day\` < DATE '2026-11-03' AND target.\`day\` = staged.\`day\` AND TO_JSON_STRING(target.\`item\`) = TO_JSON_STRING(staged.\`item\`)
WHEN MATCHED THEN DELETE;
SET replaced = @@row_count;
${INSERT}`);
  });

  it('merges the whole table where the key does not hold the window column', () => {
    expect(statement({ writeDisposition: 'merge', mergeKey: ['item'] })).toContain(
      'ON TO_JSON_STRING(target.`item`) = TO_JSON_STRING(staged.`item`)\n',
    );
  });

  it('replaces the table', () => {
    expect(statement({ writeDisposition: 'replace' })).toBe(`DECLARE replaced, committed INT64 DEFAULT 0;
BEGIN TRANSACTION;
DELETE FROM \`prj.acme_test.costs\` WHERE TRUE;
SET replaced = @@row_count;
${INSERT}`);
  });

  it('lets nothing but a date into a date literal', () => {
    const window = { start: "2026-11-01' OR TRUE --", end: '2026-11-02' };

    expect(() => statement({ writeDisposition: 'replace_partitions' }, window)).toThrow(
      'is not a calendar day',
    );
  });
});
