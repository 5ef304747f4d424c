import { describe, expect } from '@jest/globals';
import type { ContractCase } from './contract-cases.ts';
import type { WarehouseBench } from './warehouse-bench.ts';
import { aCost } from './warehouse-load.ts';

/** A run commits once, and whoever asks is told so. Part of the warehouse contract. */
export function describeCommitContract(it: ContractCase, bench: WarehouseBench): void {
  const { newLoad, loadAs, stage, commit, findCommit, run, costs } = bench;

  describe('of commits', () => {
    it('commits a run once, whichever attempt commits first', async () => {
      const first = loadAs('append');
      const second = { ...first, attempt: 2 };
      const firstProof = await stage(first, aCost('2026-11-01', '1'));
      const secondProof = await stage(second, aCost('2026-11-01', '2'));

      const receipt = await commit(second, secondProof);
      const late = await commit(first, firstProof);

      expect(receipt).toMatchObject({ committed: { rows: 1 }, alreadyCommitted: false });
      expect(late).toEqual({ ...receipt, alreadyCommitted: true });
      expect(await costs()).toEqual(['2026-11-01 tokens 2']);
    });

    it('answers a commit that is repeated after its staging is gone', async () => {
      const load = loadAs('append');
      const receipt = await run(load, aCost('2026-11-01', '1'));

      const again = await commit({ ...load, attempt: 2 }, receipt.proof);

      expect(again).toEqual({ ...receipt, alreadyCommitted: true });
      expect(await costs()).toEqual(['2026-11-01 tokens 1']);
    });

    it('commits once when two attempts commit at the same time', async () => {
      const first = loadAs('append');
      const second = { ...first, attempt: 2 };
      const proof = await stage(first, aCost('2026-11-01', '1'));
      await stage(second, aCost('2026-11-01', '1'));

      const receipts = await Promise.all([commit(first, proof), commit(second, proof)]);

      expect(receipts.map(({ alreadyCommitted }) => alreadyCommitted).sort()).toEqual([false, true]);
      expect(await costs()).toEqual(['2026-11-01 tokens 1']);
    });

    it('finds no commit before there is one, and changes nothing by asking', async () => {
      const load = newLoad();
      const proof = await stage(load, aCost('2026-11-01', '1'));

      expect(await findCommit(load)).toBeUndefined();
      expect(await costs()).toEqual([]);

      expect(await commit(load, proof)).toMatchObject({ alreadyCommitted: false });
      await bench.harness.warehouse.discard(load);
    });

    it('finds the commit of a run, by any attempt, with its staging or without', async () => {
      const load = newLoad();
      await run(newLoad(), aCost('2026-11-01', '1'));
      const proof = await stage(load, aCost('2026-11-01', '2'), aCost('2026-11-01', '3'));
      const receipt = await commit(load, proof);
      const found = { ...receipt, alreadyCommitted: true };

      expect(await findCommit(load)).toEqual(receipt);
      expect(await findCommit({ ...load, attempt: 2 })).toEqual(found);
      await bench.harness.warehouse.discard(load);
      expect(await findCommit({ ...load, attempt: 3 })).toEqual(found);
    });

    it('finds the commit of a run whose target has changed since', async () => {
      const load = newLoad();
      const receipt = await run(load, aCost('2026-11-01', '1'));
      const changed = newLoad({ runId: load.runId, attempt: 2, target: { table: 'elsewhere' } });

      expect(await findCommit(changed)).toEqual({ ...receipt, alreadyCommitted: true });
    });

    it("does not take another run's commit for the run's own", async () => {
      const load = newLoad();
      await run(load, aCost('2026-11-01', '1'));

      expect(await findCommit(newLoad({ target: load.target }))).toBeUndefined();
    });

    it('does not find a commit that failed', async () => {
      const load = loadAs('merge', { target: { mergeKey: ['day'] } });
      await run(load, aCost('2026-11-01', '1'), aCost('2026-11-01', '2')).catch(() => undefined);

      expect(await findCommit(load)).toBeUndefined();
    });
  });
}
