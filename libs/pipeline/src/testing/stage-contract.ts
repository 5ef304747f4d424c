import { describe, expect } from '@jest/globals';
import type { ContractCase } from './contract-cases.ts';
import type { WarehouseBench } from './warehouse-bench.ts';
import { aCost, NOTHING_PROVEN } from './warehouse-load.ts';

/** Staging is checked, and shows in no target. Part of the warehouse contract. */
export function describeStageContract(it: ContractCase, bench: WarehouseBench): void {
  const { newLoad, stage, commit, run, costs } = bench;

  describe('of staging', () => {
    it('shows nothing in the target before the commit', async () => {
      const load = newLoad();
      const proof = await stage(load, aCost('2026-11-01', '1.5'));

      expect(await costs()).toEqual([]);

      await bench.harness.warehouse.discard(load);
      await bench.harness.warehouse.discard(load);
      await expect(commit(load, proof)).rejects.toMatchObject({ code: 'warehouse_rejected' });
      expect(await costs()).toEqual([]);
    });

    it("removes an attempt's staging for who knows its run, number and target alone, and no other's", async () => {
      const lost = newLoad();
      const newest = { ...lost, attempt: 2 };
      const lostProof = await stage(lost, aCost('2026-11-01', '1'));
      const proof = await stage(newest, aCost('2026-11-01', '2'));
      const { runId, attempt, org, target, signal } = lost;

      await bench.harness.warehouse.discard({ runId, attempt, org, target, signal });

      await expect(commit(lost, lostProof)).rejects.toMatchObject({ code: 'warehouse_rejected' });
      expect(await commit(newest, proof)).toMatchObject({ committed: { rows: 1 } });
      await bench.harness.warehouse.discard(newest);
      expect(await costs()).toEqual(['2026-11-01 tokens 2']);
    });

    it('counts staged rows, sums money per currency and finds rows outside the window', async () => {
      const load = newLoad();
      await stage(
        load,
        aCost('2026-10-31', '0.1'),
        aCost('2026-11-01', '0.2'),
        aCost('2026-11-02', '-0.05', 'tokens', 'EUR'),
      );

      expect(await bench.harness.warehouse.check(load)).toEqual({
        rows: 3,
        money: [
          { column: 'cost', currency: 'EUR', sum: '-0.05' },
          { column: 'cost', currency: 'USD', sum: '0.3' },
        ],
        rowsOutsideWindow: 2,
      });
      await bench.harness.warehouse.discard(load);
    });

    it('leaves the target as it was when the run fails while it stages', async () => {
      await run(newLoad(), aCost('2026-11-01', '1'));
      const load = newLoad();
      async function* broken() {
        yield [aCost('2026-11-01', '2')];
        throw new Error('the provider hung up');
      }

      await expect(bench.harness.warehouse.stageRows(load, broken())).rejects.toThrow('the provider hung up');

      await bench.harness.warehouse.discard(load);
      expect(await costs()).toEqual(['2026-11-01 tokens 1']);
    });

    it('stops between batches when aborted', async () => {
      const abort = new AbortController();
      const load = newLoad({ signal: abort.signal });
      async function* aborted() {
        yield [aCost('2026-11-01', '1')];
        abort.abort(new Error('cancelled by a test'));
        yield [aCost('2026-11-01', '2')];
      }

      await expect(bench.harness.warehouse.stageRows(load, aborted())).rejects.toThrow('cancelled by a test');
      await expect(commit(load, NOTHING_PROVEN)).rejects.toThrow('cancelled by a test');
      expect(await costs()).toEqual([]);
    });
  });
}
