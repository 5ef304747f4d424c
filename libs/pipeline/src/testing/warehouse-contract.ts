import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { describeCommitContract } from './commit-contract.ts';
import { describeEvolutionContract } from './evolution-contract.ts';
import { describeReceiptContract } from './receipt-contract.ts';
import { describeStageContract } from './stage-contract.ts';
import { describeValueContract } from './value-contract.ts';
import { WarehouseBench, type WarehouseHarness } from './warehouse-bench.ts';
import { aCost } from './warehouse-load.ts';
import { describeWriteContract } from './write-contract.ts';

/** The promises of a warehouse, tested once for all of them. */
export function describeWarehouseContract(name: string, makeHarness: () => Promise<WarehouseHarness>): void {
  describe(`${name} keeps the warehouse contract`, () => {
    const bench = new WarehouseBench();
    const { loadAs, run, costs } = bench;

    beforeAll(async () => {
      bench.harness = await makeHarness();
    });
    beforeEach(() => bench.newDataset());
    afterAll(() => bench.harness.close());

    describeStageContract(bench);
    describeValueContract(bench);
    describeWriteContract(bench);
    describeCommitContract(bench);
    describeReceiptContract(bench);
    describeEvolutionContract(bench);

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
