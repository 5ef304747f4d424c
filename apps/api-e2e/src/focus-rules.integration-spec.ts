import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { describeWithBigQueryEmulator, startBigQueryHarness } from '@pipelines/bigquery-loader/testing';
import { startDuckdbHarness } from '@pipelines/duckdb-loader/testing';
import { aLoad, type QueryHarness } from '@pipelines/pipeline/testing';
import { checkStatement, FOCUS_VERSIONS, type FocusVersion } from '@pipelines/processors-unified';
import { focusRows } from './testing/unified/focus-rows.ts';

const DATASET = 'rules';

describeRules('DuckDB', startDuckdbHarness);

describeWithBigQueryEmulator('the rules of FOCUS hold in BigQuery', () => {
  describeRules('BigQuery', startBigQueryHarness);
});

function describeRules(name: string, start: () => Promise<QueryHarness>): void {
  describe.each(FOCUS_VERSIONS)(`the rules of FOCUS %s on ${name}`, (version) => {
    const { rules } = checkStatement(version, 'duckdb', 'any');
    const access = aLoad({ target: { dataset: DATASET } });
    let harness: QueryHarness;
    let table: string;

    beforeAll(async () => {
      harness = await start();
      const source = focusRows(
        version,
        rules.map(({ id }) => id),
      );
      await harness.createSource(DATASET, source);
      const described = await harness.warehouse.describeTable(access, {
        dataset: DATASET,
        table: source.table,
      });
      table = described!.sqlName;
    }, 120_000);
    afterAll(() => harness.close());

    /** How many rows break each rule, of the good rows and the one that breaks the rule. */
    async function brokenBy(rule: string, of: FocusVersion): Promise<Readonly<Record<string, number>>> {
      const relation = `(SELECT * FROM ${table} WHERE breaks IN ('', '${rule}')) AS charges`;
      const statement = checkStatement(of, harness.warehouse.engine, relation);
      const [counts] = await harness.warehouse.read(access, { sql: statement.sql, parameters: {} });
      return Object.fromEntries(
        statement.rules
          .map(({ id, count }) => [id, Number(counts![count])] as const)
          .filter(([, count]) => count > 0),
      );
    }

    it('are met by good charges', async () => {
      expect(await brokenBy('', version)).toEqual({});
    });

    it.each(rules.map(({ id }) => id))('are broken by a row that breaks %s', async (rule) => {
      expect(await brokenBy(rule, version)).toMatchObject({ [rule]: expect.any(Number) });
    });
  });
}
