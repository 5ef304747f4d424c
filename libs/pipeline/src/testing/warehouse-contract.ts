import { afterAll, beforeAll, beforeEach, describe, expect } from '@jest/globals';
import { describeCommitContract } from './commit-contract.ts';
import { contractCases } from './contract-cases.ts';
import { describeControlContract } from './control-contract.ts';
import { describeEvolutionContract } from './evolution-contract.ts';
import { describeIncrementContract } from './increment-contract.ts';
import { describeKeyContract } from './key-contract.ts';
import { describeReceiptContract } from './receipt-contract.ts';
import { describeSourceContract } from './source-contract.ts';
import { describeStageContract } from './stage-contract.ts';
import { describeValueContract } from './value-contract.ts';
import { HARNESS_START_TIMEOUT_MS, WarehouseBench, type WarehouseHarness } from './warehouse-bench.ts';
import { aCost } from './warehouse-load.ts';
import { describeWriteContract } from './write-contract.ts';
import { describeWriterContract } from './writer-contract.ts';

/**
 * The promises of a warehouse, tested once for all of them.
 * @param lacks Titles of the cases that the place where the warehouse is tested cannot do, and why; never the warehouse.
 */
export function describeWarehouseContract(
  name: string,
  makeHarness: () => Promise<WarehouseHarness>,
  lacks: Readonly<Record<string, string>> = {},
): void {
  describe(`${name} keeps the warehouse contract`, () => {
    const it = contractCases(name, lacks);
    const bench = new WarehouseBench();
    const { loadAs, run, costs } = bench;

    beforeAll(async () => {
      bench.harness = await makeHarness();
    }, HARNESS_START_TIMEOUT_MS);
    beforeEach(() => bench.newDataset());
    afterAll(() => bench.harness.close());

    describeStageContract(it, bench);
    describeValueContract(it, bench);
    describeWriteContract(it, bench);
    describeWriterContract(it, bench);
    describeCommitContract(it, bench);
    describeKeyContract(it, bench);
    describeReceiptContract(it, bench);
    describeIncrementContract(it, bench);
    describeSourceContract(it, bench);
    describeControlContract(it, bench);
    describeEvolutionContract(it, bench);

    it('keeps two organizations apart', async () => {
      const other = `${bench.dataset}_b`;
      await run(loadAs('replace'), aCost('2026-11-01', '1'));
      await run(loadAs('replace', { org: 'other', target: { dataset: other } }), aCost('2026-11-01', '2'));

      expect(await costs()).toEqual(['2026-11-01 tokens 1']);
      expect(await costs(other)).toEqual(['2026-11-01 tokens 2']);
    });

    it('answers a ping', async () => {
      await expect(bench.harness.warehouse.ping()).resolves.toBeUndefined();
    });
  });
}
