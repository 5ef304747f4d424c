import { describe, expect } from '@jest/globals';
import type { LoadTarget, WriteDisposition } from '../lib/warehouse/warehouse.ts';
import type { ContractCase } from './contract-cases.ts';
import type { WarehouseBench } from './warehouse-bench.ts';
import { aCost, COSTS } from './warehouse-load.ts';

const EUROPE = 'sample/cost/daily_eu';
const AMERICA = 'sample/cost/daily_us';

/** Two pipelines load into one table, each its own rows. Part of the warehouse contract. */
export function describeWriterContract(it: ContractCase, bench: WarehouseBench): void {
  const { loadAs, run, stage, commit, costs } = bench;
  const europe = (disposition: WriteDisposition, target: Partial<LoadTarget> = {}) =>
    loadAs(disposition, { pipeline: EUROPE, target });
  const america = (disposition: WriteDisposition, target: Partial<LoadTarget> = {}) =>
    loadAs(disposition, { pipeline: AMERICA, target });

  describe('of two writers of one table', () => {
    it('replace_partitions exchanges the days of its own rows only', async () => {
      await run(europe('replace_partitions'), aCost('2026-11-01', '7'));
      await run(america('replace_partitions'), aCost('2026-11-01', '100'));
      const receipt = await run(europe('replace_partitions'), aCost('2026-11-01', '8'));

      expect(await costs()).toEqual(['2026-11-01 tokens 100', '2026-11-01 tokens 8']);
      expect(receipt).toMatchObject({
        committed: { rows: 1 },
        rowsReplaced: 1,
        daysReplaced: ['2026-11-01'],
        restatement: { figures: 1, entries: [{ day: '2026-11-01', before: '7', after: '8' }] },
      });
    });

    it('replace_partitions finds nothing to replace where only another writer has rows', async () => {
      await run(america('replace_partitions'), aCost('2026-11-01', '100'));
      const receipt = await run(europe('replace_partitions'), aCost('2026-11-01', '7'));

      expect(receipt).toMatchObject({ rowsReplaced: 0, daysReplaced: [], restatement: { figures: 0 } });
    });

    it('replace exchanges all of its own rows only', async () => {
      await run(europe('replace'), aCost('2026-11-01', '7'));
      await run(america('replace'), aCost('2026-11-01', '100'));
      const receipt = await run(europe('replace'));

      expect(await costs()).toEqual(['2026-11-01 tokens 100']);
      expect(receipt).toMatchObject({
        rowsReplaced: 1,
        restatement: { figures: 1, entries: [{ before: '7', after: '0' }] },
      });
    });

    it('merge replaces its own rows of equal key only', async () => {
      const target = { mergeKey: ['day', 'item'] };
      await run(europe('merge', target), aCost('2026-11-01', '7', null));
      await run(america('merge', target), aCost('2026-11-01', '100', null));
      const receipt = await run(europe('merge', target), aCost('2026-11-01', '8', null));

      expect(await costs()).toEqual(['2026-11-01 null 100', '2026-11-01 null 8']);
      expect(receipt).toMatchObject({ rowsReplaced: 1, restatement: { figures: 1 } });
    });

    it('allows a natural key that another writer has, too', async () => {
      const schema = { ...COSTS, naturalKey: ['day', 'item'] };
      await run({ ...europe('replace_partitions'), schema }, aCost('2026-11-01', '7', null));
      await run({ ...america('replace_partitions'), schema }, aCost('2026-11-01', '100', null));

      expect(await costs()).toEqual(['2026-11-01 null 100', '2026-11-01 null 7']);
    });

    it('keeps the rows of both when they are staged at the same time', async () => {
      const loads = [europe('replace_partitions'), america('replace_partitions')] as const;
      const proofs = [
        await stage(loads[0], aCost('2026-11-01', '7')),
        await stage(loads[1], aCost('2026-11-01', '100')),
      ] as const;

      await commit(loads[1], proofs[1]);
      await commit(loads[0], proofs[0]);

      expect(await costs()).toEqual(['2026-11-01 tokens 100', '2026-11-01 tokens 7']);
    });

    it('keeps the rows of both when they commit at the same time', async () => {
      await run(europe('replace_partitions'), aCost('2026-11-01', '6'));
      await run(america('replace_partitions'), aCost('2026-11-01', '99'));
      const loads = [europe('replace_partitions'), america('replace_partitions')] as const;
      const proofs = [
        await stage(loads[0], aCost('2026-11-01', '7')),
        await stage(loads[1], aCost('2026-11-01', '100')),
      ] as const;

      const receipts = await Promise.all([commit(loads[0], proofs[0]), commit(loads[1], proofs[1])]);

      expect(receipts.map(({ rowsReplaced }) => rowsReplaced)).toEqual([1, 1]);
      expect(await costs()).toEqual(['2026-11-01 tokens 100', '2026-11-01 tokens 7']);
    });

    it('merges by a key without the day among its own rows only', async () => {
      const target = { mergeKey: ['item'] };
      await run(europe('merge', target), aCost('2026-11-01', '7', null));
      await run(america('merge', target), aCost('2026-11-01', '100', null));
      const receipt = await run(europe('merge', target), aCost('2026-11-01', '8', null));

      expect(await costs()).toEqual(['2026-11-01 null 100', '2026-11-01 null 8']);
      expect(receipt).toMatchObject({ rowsReplaced: 1, restatement: { figures: 1 } });
    });

    it('leaves the rows of both when a commit is undone', async () => {
      await run(europe('replace_partitions'), aCost('2026-11-01', '7'));
      await run(america('replace_partitions'), aCost('2026-11-01', '100'));
      const load = europe('replace_partitions');
      const proof = await stage(load, aCost('2026-11-01', '8'));

      await expect(commit(load, { ...proof, rows: { extracted: 2, staged: 2 } })).rejects.toMatchObject({
        code: 'receipt_mismatch',
      });

      expect(await costs()).toEqual(['2026-11-01 tokens 100', '2026-11-01 tokens 7']);
    });
  });
}
