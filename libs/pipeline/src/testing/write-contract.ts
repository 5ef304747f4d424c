import { describe, expect } from '@jest/globals';
import { addDecimals } from '../lib/money/decimal.ts';
import type { ContractCase } from './contract-cases.ts';
import type { WarehouseBench } from './warehouse-bench.ts';
import { aCost } from './warehouse-load.ts';

/** How each write disposition changes the target. Part of the warehouse contract. */
export function describeWriteContract(it: ContractCase, bench: WarehouseBench): void {
  const { newLoad, loadAs, run, costs } = bench;

  describe('of write dispositions', () => {
    it('append adds rows', async () => {
      await run(loadAs('append'), aCost('2026-11-01', '1'));
      await run(loadAs('append'), aCost('2026-11-01', '1'));

      expect(await costs()).toEqual(['2026-11-01 tokens 1', '2026-11-01 tokens 1']);
    });

    it('replace_partitions exchanges the days of the window, inclusive start, exclusive end', async () => {
      const days = ['2026-10-31', '2026-11-01', '2026-11-02'].map((day) => aCost(day, '1'));
      await run(loadAs('append', { window: { start: '2026-10-31', end: '2026-11-03' } }), ...days);

      const receipt = await run(
        loadAs('replace_partitions'),
        aCost('2026-11-01', '2'),
        aCost('2026-11-01', '3'),
      );

      expect(receipt).toMatchObject({ committed: { rows: 2 }, rowsReplaced: 1 });
      expect(await costs()).toEqual([
        '2026-10-31 tokens 1',
        '2026-11-01 tokens 2',
        '2026-11-01 tokens 3',
        '2026-11-02 tokens 1',
      ]);
    });

    it('replace_partitions empties the window when nothing was extracted', async () => {
      await run(newLoad(), aCost('2026-11-01', '1'));

      const receipt = await run(newLoad());

      expect(receipt).toMatchObject({ committed: { rows: 0 }, rowsReplaced: 1 });
      expect(await costs()).toEqual([]);
    });

    it('merge replaces rows of equal key, null included, and adds the others', async () => {
      const target = { mergeKey: ['day', 'item'] };
      await run(loadAs('merge', { target }), aCost('2026-11-01', '1', 'a'), aCost('2026-11-01', '2', null));

      const receipt = await run(
        loadAs('merge', { target }),
        aCost('2026-11-01', '3', null),
        aCost('2026-11-01', '4', 'b'),
      );

      expect(receipt).toMatchObject({ committed: { rows: 2 }, rowsReplaced: 1 });
      expect(await costs()).toEqual(['2026-11-01 a 1', '2026-11-01 b 4', '2026-11-01 null 3']);
    });

    it('merge refuses rows that share a key, and leaves the target as it was', async () => {
      const target = { mergeKey: ['day', 'item'] };
      await run(loadAs('merge', { target }), aCost('2026-11-01', '1', null));

      const twice = run(
        loadAs('merge', { target }),
        aCost('2026-11-01', '2', null),
        aCost('2026-11-01', '3', null),
      );

      await expect(twice).rejects.toMatchObject({
        code: 'schema_mismatch',
        message: expect.stringContaining('(day, item)'),
      });
      expect(await costs()).toEqual(['2026-11-01 null 1']);
    });

    it('replace exchanges the whole table', async () => {
      const window = { start: '2020-01-01', end: '2026-11-02' };
      await run(loadAs('append', { window }), aCost('2020-01-01', '1'), aCost('2026-11-01', '1'));

      const receipt = await run(loadAs('replace'), aCost('2026-11-01', '2'));

      expect(receipt).toMatchObject({ committed: { rows: 1 }, rowsReplaced: 2 });
      expect(await costs()).toEqual(['2026-11-01 tokens 2']);
    });

    it('gives the same table when the same window is loaded twice', async () => {
      const rows = [aCost('2026-11-01', '1.25'), aCost('2026-11-01', '-0.5', 'refund')];
      await run(newLoad(), ...rows);
      const once = await costs();

      await run(newLoad(), ...rows);

      expect(await costs()).toEqual(once);
      expect(once).toEqual(['2026-11-01 refund -0.5', '2026-11-01 tokens 1.25']);
    });

    it('shows a reader the old table or the new one, never a part', async () => {
      const rows = (cost: string) => Array.from({ length: 500 }, () => aCost('2026-11-01', cost));
      await run(newLoad(), ...rows('1'));
      const seen = new Set<string>();
      let writing = true;

      const reading = (async () => {
        while (writing) {
          const read = await bench.harness.read(bench.dataset, 'costs');
          seen.add(`${read.length} rows of ${read.reduce((sum, { cost }) => addDecimals(sum, cost!), '0')}`);
        }
      })();
      for (const cost of ['2', '1', '2', '1']) await run(newLoad(), ...rows(cost));
      writing = false;
      await reading;

      expect(['500 rows of 500', '500 rows of 1000']).toEqual(expect.arrayContaining([...seen]));
    }, 120_000);
  });
}
