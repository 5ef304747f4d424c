import { describe, expect } from '@jest/globals';
import { addDays } from '../lib/window/utc-date.ts';
import type { LoadProof, Restatement } from '../lib/warehouse/receipt.ts';
import type { ContractCase } from './contract-cases.ts';
import type { WarehouseBench } from './warehouse-bench.ts';
import { aCost } from './warehouse-load.ts';

const NOTHING_RESTATED: Restatement = { figures: 0, entries: [] };

/** What a commit tells of itself, and what it refuses to do. Part of the warehouse contract. */
export function describeReceiptContract(it: ContractCase, bench: WarehouseBench): void {
  const { newLoad, loadAs, stage, commit, findCommit, run, costs } = bench;
  const cost = (currency: string, sum: string) => ({ column: 'cost', currency, sum });
  const restated = (day: string, currency: string, before: string, after: string, difference: string) => ({
    day,
    column: 'cost',
    currency,
    before,
    after,
    difference,
  });

  describe('of receipts', () => {
    it('tells rows and sums as they lie in the target, and what was proven', async () => {
      const load = loadAs('append');
      const proof = await stage(
        load,
        aCost('2026-11-01', '0.1'),
        aCost('2026-11-01', '0.2'),
        aCost('2026-11-01', '-9007199254740993.000000000000000001', 'refund', 'EUR'),
      );

      const receipt = await commit(load, proof);

      expect(receipt).toMatchObject({
        proof,
        committed: {
          rows: 3,
          money: [cost('EUR', '-9007199254740993.000000000000000001'), cost('USD', '0.3')],
        },
        rowsReplaced: 0,
        daysReplaced: [],
        restatement: NOTHING_RESTATED,
        alreadyCommitted: false,
      });
      expect(proof.stage.bytesStaged).toBeGreaterThan(0);
    });

    it('counts the rows of the run alone', async () => {
      await run(loadAs('append'), aCost('2026-11-01', '1'));

      const receipt = await run(loadAs('append'), aCost('2026-11-01', '2'));

      expect(receipt.committed).toEqual({ rows: 1, money: [cost('USD', '2')] });
    });

    it('names the days of the window that held rows', async () => {
      const window = { start: '2026-11-01', end: '2026-11-04' };
      await run(newLoad({ window }), aCost('2026-11-01', '1'), aCost('2026-11-03', '1'));

      const receipt = await run(newLoad({ window }), aCost('2026-11-02', '1'));

      expect(receipt.daysReplaced).toEqual(['2026-11-01', '2026-11-03']);
    });

    it('tells every later attempt the same, with the proof of the one that committed', async () => {
      const load = newLoad();
      await run(newLoad(), aCost('2026-11-01', '5'));
      const receipt = await run(load, aCost('2026-11-01', '3'));
      const later = { ...load, attempt: 2 };
      const laterProof = await stage(later, aCost('2026-11-01', '4'), aCost('2026-11-01', '4'));

      expect(receipt.restatement.entries).toEqual([restated('2026-11-01', 'USD', '5', '3', '-2')]);
      expect(await findCommit(later)).toEqual({ ...receipt, alreadyCommitted: true });
      expect(await commit(later, laterProof)).toEqual({ ...receipt, alreadyCommitted: true });
    });
  });

  describe('of differences', () => {
    it.each<[string, (proof: LoadProof) => LoadProof]>([
      ['a row', (proof) => ({ ...proof, rows: { extracted: 3, staged: 3 } })],
      [
        'the last digit of a sum',
        (proof) => ({
          ...proof,
          money: { ...proof.money, extracted: [cost('USD', '3.000000000000000001')] },
        }),
      ],
      ['a currency', (proof) => ({ ...proof, money: { ...proof.money, extracted: [cost('EUR', '3')] } })],
      [
        'a currency too many',
        (proof) => ({
          ...proof,
          money: { ...proof.money, extracted: [cost('USD', '3'), cost(`O'"\\ 🐴`, '1')] },
        }),
      ],
    ])('undoes a commit that would differ from what was extracted by %s', async (_name, change) => {
      await run(newLoad(), aCost('2026-11-01', '7'));
      const load = newLoad();
      const proof = await stage(load, aCost('2026-11-01', '1'), aCost('2026-11-01', '2'));

      await expect(commit(load, change(proof))).rejects.toMatchObject({ code: 'receipt_mismatch' });

      expect(await costs()).toEqual(['2026-11-01 tokens 7']);
      expect(await findCommit(load)).toBeUndefined();
    });

    it('undoes a commit with rows outside the window', async () => {
      const load = loadAs('append');
      const proof = await stage(load, aCost('2026-11-01', '1'), aCost('2026-11-02', '1'));

      await expect(commit(load, proof)).rejects.toMatchObject({ code: 'receipt_mismatch' });
      expect(await costs()).toEqual([]);
    });

    it('takes a sum of zero for none', async () => {
      const load = newLoad();
      const proof = await stage(load, aCost('2026-11-01', '1'), aCost('2026-11-01', '0', 'free', 'EUR'));
      const money = { ...proof.money, extracted: [cost('USD', '1.00')] };

      expect(await commit(load, { ...proof, money })).toMatchObject({ committed: { rows: 2 } });
    });
  });

  describe('of restatements', () => {
    const window = { start: '2026-11-01', end: '2026-11-04' };

    it('states before, after and difference of the days that differ, newest first', async () => {
      await run(
        newLoad({ window }),
        aCost('2026-11-01', '0.1'),
        aCost('2026-11-02', '5'),
        aCost('2026-11-03', '1'),
        aCost('2026-11-03', '1', 'seats'),
      );

      const { restatement } = await run(
        newLoad({ window }),
        aCost('2026-11-01', '-0.100000000000000001'),
        aCost('2026-11-02', '2'),
        aCost('2026-11-02', '3'),
        aCost('2026-11-03', '2.5'),
      );

      expect(restatement).toEqual({
        figures: 2,
        entries: [
          restated('2026-11-03', 'USD', '2', '2.5', '0.5'),
          restated('2026-11-01', 'USD', '0.1', '-0.100000000000000001', '-0.200000000000000001'),
        ],
      });
    });

    it('counts days that were empty as new', async () => {
      await run(newLoad({ window }), aCost('2026-11-01', '1'));

      const { restatement } = await run(
        newLoad({ window }),
        aCost('2026-11-01', '1'),
        aCost('2026-11-02', '2'),
      );

      expect(restatement).toEqual(NOTHING_RESTATED);
    });

    it('states what vanished and what a day tells for the first time in a currency', async () => {
      await run(newLoad({ window }), aCost('2026-11-01', '1'), aCost('2026-11-02', '1'));

      const { restatement } = await run(newLoad({ window }), aCost('2026-11-01', '1', 'tokens', 'EUR'));

      expect(restatement).toEqual({
        figures: 3,
        entries: [
          restated('2026-11-02', 'USD', '1', '0', '-1'),
          restated('2026-11-01', 'EUR', '0', '1', '1'),
          restated('2026-11-01', 'USD', '1', '0', '-1'),
        ],
      });
    });

    it('leaves days outside the window out', async () => {
      await run(newLoad({ window }), aCost('2026-11-01', '1'), aCost('2026-11-02', '1'));

      const { restatement } = await run(newLoad(), aCost('2026-11-01', '2'));

      expect(restatement.entries).toEqual([restated('2026-11-01', 'USD', '1', '2', '1')]);
    });

    it('compares whole days of a merge, rows that stay included', async () => {
      const target = { mergeKey: ['day', 'item'] };
      await run(loadAs('merge', { target }), aCost('2026-11-01', '1', 'a'), aCost('2026-11-01', '2', 'b'));

      const { restatement } = await run(loadAs('merge', { target }), aCost('2026-11-01', '5', 'b'));

      expect(restatement.entries).toEqual([restated('2026-11-01', 'USD', '3', '6', '3')]);
    });

    it('finds the days that a merge takes rows from by a key without the day', async () => {
      const target = { mergeKey: ['item'] };
      await run(loadAs('merge', { target }), aCost('2026-11-01', '1', 'a'));
      const later = { start: '2026-11-02', end: '2026-11-03' };

      const { restatement } = await run(
        loadAs('merge', { target, window: later }),
        aCost('2026-11-02', '1', 'a'),
      );

      expect(restatement.entries).toEqual([restated('2026-11-01', 'USD', '1', '0', '-1')]);
    });

    it('is silent about an append', async () => {
      await run(loadAs('append'), aCost('2026-11-01', '1'));

      expect((await run(loadAs('append'), aCost('2026-11-01', '1'))).restatement).toEqual(NOTHING_RESTATED);
    });

    it('lists the newest thousand of the figures that a replace changes', async () => {
      const days = Array.from({ length: 1_001 }, (_, day) => addDays('2024-01-01', day));
      const decade = { start: '2020-01-01', end: '2030-01-01' };
      await run(loadAs('replace', { window: decade }), ...days.map((day) => aCost(day, '1')));

      const { restatement } = await run(
        loadAs('replace', { window: decade }),
        ...days.map((day) => aCost(day, '2')),
      );

      expect(restatement.figures).toBe(1_001);
      expect(restatement.entries).toHaveLength(1_000);
      expect(restatement.entries[0]).toEqual(restated(days.at(-1)!, 'USD', '1', '2', '1'));
      expect(restatement.entries.at(-1)!.day).toBe(days[1]);
    });
  });
}
