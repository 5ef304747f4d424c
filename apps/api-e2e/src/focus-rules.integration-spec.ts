import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { describeWithBigQueryEmulator, startBigQueryHarness } from '@pipelines/bigquery-loader/testing';
import { startDuckdbHarness } from '@pipelines/duckdb-loader/testing';
import { aLoad, type QueryHarness } from '@pipelines/pipeline/testing';
import { checkStatement, FOCUS_VERSIONS, type FocusVersion } from '@pipelines/processors-unified';
import { focusRows } from './testing/unified/focus-rows.ts';

// The emulator translates every statement; on a busy machine that takes its time.
jest.setTimeout(120_000);

const ACCESS = aLoad({ target: { dataset: 'rules' } });
const rulesOf = (version: FocusVersion): string[] =>
  checkStatement(version, 'duckdb', 'any', ACCESS.org).rules.map(({ id }) => id);

describe.each(FOCUS_VERSIONS)('the rules of FOCUS %s', (version) => {
  const check = useRows(startDuckdbHarness, version);

  it('are met by good charges', async () => {
    expect(await check([])).toEqual({});
  });

  it.each(rulesOf(version))('are broken by a charge that breaks %s', async (rule) => {
    expect(await check([rule])).toMatchObject({ [rule]: expect.any(Number) });
  });
});

describeWithBigQueryEmulator('the rules of FOCUS in BigQuery', () => {
  describe.each(FOCUS_VERSIONS)('the rules of FOCUS %s in BigQuery', (version) => {
    const check = useRows(startBigQueryHarness, version);

    it('are met by good charges', async () => {
      expect(await check([])).toEqual({});
    });

    it('are all broken by the charges that break one each', async () => {
      const broken = await check(rulesOf(version));

      expect(Object.keys(broken).sort()).toEqual(rulesOf(version).sort());
    });
  });
});

/**
 * A table of good charges, and one for each rule that breaks it. Returns how many rows break each rule, of the good ones
 * and those that are to break the named rules.
 */
function useRows(
  start: () => Promise<QueryHarness>,
  version: FocusVersion,
): (broken: readonly string[]) => Promise<Readonly<Record<string, number>>> {
  let harness: QueryHarness;
  let table: string;

  beforeAll(async () => {
    harness = await start();
    const source = focusRows(version, rulesOf(version));
    await harness.createSource('rules', source);
    const described = await harness.warehouse.describeTable(ACCESS, {
      dataset: 'rules',
      table: source.table,
    });
    table = described!.sqlName;
  });
  afterAll(() => harness.close());

  return async (broken) => {
    const shown = ['', ...broken].map((rule) => `'${rule}'`).join(', ');
    const { sql, parameters, rules } = checkStatement(
      version,
      harness.warehouse.engine,
      `(SELECT * FROM ${table} WHERE breaks IN (${shown})) AS charges`,
      ACCESS.org,
    );
    const [counts] = await harness.warehouse.read(ACCESS, { sql, parameters });
    return Object.fromEntries(
      rules.map(({ id, count }) => [id, Number(counts![count])] as const).filter(([, count]) => count > 0),
    );
  };
}
