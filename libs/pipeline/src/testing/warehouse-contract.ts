import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect } from '@jest/globals';
import { addDecimals } from '../lib/money/decimal.ts';
import type { Row } from '../lib/warehouse/table-schema.ts';
import type { CommitReceipt, Load, Warehouse, WriteDisposition } from '../lib/warehouse/warehouse.ts';
import { contractCases } from './contract-cases.ts';
import { describeValueContract } from './value-contract.ts';
import { aCost, aLoad, COSTS, inBatches, type LoadChange } from './warehouse-load.ts';

/** A row as text: decimals without padding, timestamps with six fraction digits and `Z`. */
export type RowText = Readonly<Record<string, string | null>>;

/** A warehouse to test, and a way to look into it. */
export interface WarehouseHarness {
  readonly warehouse: Warehouse;
  /** All rows of a table in any order; none when it does not exist. */
  read(dataset: string, table: string): Promise<readonly RowText[]>;
  close(): Promise<void>;
}

/** Some harnesses start a server. */
export const HARNESS_START_TIMEOUT_MS = 120_000;

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
    let harness: WarehouseHarness;
    let dataset: string;

    beforeAll(async () => {
      harness = await makeHarness();
    }, HARNESS_START_TIMEOUT_MS);
    beforeEach(() => {
      dataset = `acme_${randomUUID().replaceAll('-', '')}`;
    });
    afterAll(() => harness.close());

    const newLoad = ({ target, ...change }: LoadChange = {}): Load =>
      aLoad({ runId: randomUUID(), ...change, target: { dataset, ...target } });
    const stage = (load: Load, ...rows: Row[]): Promise<void> =>
      harness.warehouse.stageRows(load, inBatches(rows.slice(0, 1), rows.slice(1)));
    const run = async (load: Load, ...rows: Row[]): Promise<CommitReceipt> => {
      await stage(load, ...rows);
      const receipt = await harness.warehouse.commit(load);
      await harness.warehouse.discard(load);
      return receipt;
    };
    const loadAs = (writeDisposition: WriteDisposition, change: LoadChange = {}): Load =>
      newLoad({ ...change, target: { ...change.target, writeDisposition } });
    const costs = async (from = dataset): Promise<string[]> =>
      (await harness.read(from, 'costs')).map((row) => `${row.day} ${row.item} ${row.cost}`).sort();

    describeValueContract(it, () => ({ harness, newLoad }));

    it('creates dataset and table, and writes the lineage of each row', async () => {
      const load = newLoad();

      const receipt = await run(load, aCost('2026-11-01', '1.5'));

      expect(receipt).toMatchObject({ rowsCommitted: 1, rowsReplaced: 0, alreadyCommitted: false });
      expect(await harness.read(dataset, 'costs')).toEqual([
        {
          day: '2026-11-01',
          item: 'tokens',
          cost: '1.5',
          currency: 'USD',
          _run_id: load.runId,
          _pipeline: 'sample/cost/daily',
          _loaded_at: '2026-11-02T03:04:05.678000Z',
        },
      ]);
    });

    it('shows nothing in the target before the commit', async () => {
      const load = newLoad();
      await stage(load, aCost('2026-11-01', '1.5'));

      expect(await costs()).toEqual([]);

      await harness.warehouse.discard(load);
      await harness.warehouse.discard(load);
      await expect(harness.warehouse.commit(load)).rejects.toMatchObject({ code: 'warehouse_rejected' });
      expect(await costs()).toEqual([]);
    });

    it("removes an attempt's staging for who knows its run, number and target alone, and no other's", async () => {
      const lost = newLoad();
      const newest = { ...lost, attempt: 2 };
      await stage(lost, aCost('2026-11-01', '1'));
      await stage(newest, aCost('2026-11-01', '2'));
      const { runId, attempt, org, target, signal } = lost;

      await harness.warehouse.discard({ runId, attempt, org, target, signal });

      await expect(harness.warehouse.commit(lost)).rejects.toMatchObject({ code: 'warehouse_rejected' });
      expect(await harness.warehouse.commit(newest)).toMatchObject({ rowsCommitted: 1 });
      await harness.warehouse.discard(newest);
      expect(await costs()).toEqual(['2026-11-01 tokens 2']);
    });

    it('append adds rows', async () => {
      await run(loadAs('append'), aCost('2026-11-01', '1'));
      await run(loadAs('append'), aCost('2026-11-01', '1'));

      expect(await costs()).toEqual(['2026-11-01 tokens 1', '2026-11-01 tokens 1']);
    });

    it('replace_partitions exchanges the days of the window, inclusive start, exclusive end', async () => {
      const days = ['2026-10-31', '2026-11-01', '2026-11-02'].map((day) => aCost(day, '1'));
      await run(loadAs('append'), ...days);

      const receipt = await run(
        loadAs('replace_partitions'),
        aCost('2026-11-01', '2'),
        aCost('2026-11-01', '3'),
      );

      expect(receipt).toMatchObject({ rowsCommitted: 2, rowsReplaced: 1 });
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

      expect(receipt).toMatchObject({ rowsCommitted: 0, rowsReplaced: 1 });
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

      expect(receipt).toMatchObject({ rowsCommitted: 2, rowsReplaced: 1 });
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
      await run(loadAs('append'), aCost('2020-01-01', '1'), aCost('2026-11-01', '1'));

      const receipt = await run(loadAs('replace'), aCost('2026-11-01', '2'));

      expect(receipt).toMatchObject({ rowsCommitted: 1, rowsReplaced: 2 });
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

    it('commits a run once, whichever attempt commits first', async () => {
      const first = loadAs('append');
      const second = { ...first, attempt: 2 };
      await stage(first, aCost('2026-11-01', '1'));
      await stage(second, aCost('2026-11-01', '2'));

      const receipt = await harness.warehouse.commit(second);
      const late = await harness.warehouse.commit(first);

      expect(receipt).toMatchObject({ rowsCommitted: 1, alreadyCommitted: false });
      expect(late).toEqual({ ...receipt, alreadyCommitted: true });
      expect(await costs()).toEqual(['2026-11-01 tokens 2']);
    });

    it('answers a commit that is repeated after its staging is gone', async () => {
      const load = loadAs('append');
      await run(load, aCost('2026-11-01', '1'));

      const again = await harness.warehouse.commit({ ...load, attempt: 2 });

      expect(again).toMatchObject({ rowsCommitted: 1, alreadyCommitted: true });
      expect(await costs()).toEqual(['2026-11-01 tokens 1']);
    });

    it('commits once when two attempts commit at the same time', async () => {
      const first = loadAs('append');
      const second = { ...first, attempt: 2 };
      await stage(first, aCost('2026-11-01', '1'));
      await stage(second, aCost('2026-11-01', '1'));

      const receipts = await Promise.all([harness.warehouse.commit(first), harness.warehouse.commit(second)]);

      expect(receipts.map(({ alreadyCommitted }) => alreadyCommitted).sort()).toEqual([false, true]);
      expect(await costs()).toEqual(['2026-11-01 tokens 1']);
    });

    it('finds no commit before there is one, and changes nothing by asking', async () => {
      const load = newLoad();
      await stage(load, aCost('2026-11-01', '1'));

      expect(await harness.warehouse.findCommit(load)).toBeUndefined();
      expect(await costs()).toEqual([]);

      expect(await harness.warehouse.commit(load)).toMatchObject({ alreadyCommitted: false });
      await harness.warehouse.discard(load);
    });

    it('finds the commit of a run, by any attempt, with its staging or without', async () => {
      const load = newLoad();
      await run(newLoad(), aCost('2026-11-01', '1'));
      await stage(load, aCost('2026-11-01', '2'), aCost('2026-11-01', '3'));
      const receipt = await harness.warehouse.commit(load);
      const found = { ...receipt, rowsCommitted: 2, rowsReplaced: 1, alreadyCommitted: true };

      expect(await harness.warehouse.findCommit(load)).toEqual(found);
      expect(await harness.warehouse.findCommit({ ...load, attempt: 2 })).toEqual(found);
      await harness.warehouse.discard(load);
      expect(await harness.warehouse.findCommit({ ...load, attempt: 3 })).toEqual(found);
    });

    it('finds the commit of a run whose target has changed since', async () => {
      const load = newLoad();
      const receipt = await run(load, aCost('2026-11-01', '1'));
      const changed = newLoad({ runId: load.runId, attempt: 2, target: { table: 'elsewhere' } });

      expect(await harness.warehouse.findCommit(changed)).toEqual({ ...receipt, alreadyCommitted: true });
    });

    it("does not take another run's commit for the run's own", async () => {
      const load = newLoad();
      await run(load, aCost('2026-11-01', '1'));

      expect(await harness.warehouse.findCommit(newLoad({ target: load.target }))).toBeUndefined();
    });

    it('does not find a commit that failed', async () => {
      const load = loadAs('merge', { target: { mergeKey: ['day'] } });
      await run(load, aCost('2026-11-01', '1'), aCost('2026-11-01', '2')).catch(() => undefined);

      expect(await harness.warehouse.findCommit(load)).toBeUndefined();
    });

    it('counts staged rows, sums money per currency and finds rows outside the window', async () => {
      const load = newLoad();
      await stage(
        load,
        aCost('2026-10-31', '0.1'),
        aCost('2026-11-01', '0.2'),
        aCost('2026-11-02', '-0.05', 'tokens', 'EUR'),
      );

      expect(await harness.warehouse.check(load)).toEqual({
        rows: 3,
        money: [
          { column: 'cost', currency: 'EUR', sum: '-0.05' },
          { column: 'cost', currency: 'USD', sum: '0.3' },
        ],
        rowsOutsideWindow: 2,
      });
      await harness.warehouse.discard(load);
    });

    it('leaves the target as it was when the run fails while it stages', async () => {
      await run(newLoad(), aCost('2026-11-01', '1'));
      const load = newLoad();
      async function* broken() {
        yield [aCost('2026-11-01', '2')];
        throw new Error('the provider hung up');
      }

      await expect(harness.warehouse.stageRows(load, broken())).rejects.toThrow('the provider hung up');

      await harness.warehouse.discard(load);
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

      await expect(harness.warehouse.stageRows(load, aborted())).rejects.toThrow('cancelled by a test');
      await expect(harness.warehouse.commit(load)).rejects.toThrow('cancelled by a test');
      expect(await costs()).toEqual([]);
    });

    it('adds a new nullable column, and goes on loading the older schema', async () => {
      const region = { name: 'region', type: 'STRING', description: 'Where' } as const;
      const wider = { ...COSTS, columns: [...COSTS.columns, region] };
      await run(loadAs('append'), aCost('2026-11-01', '1'));

      await run(loadAs('append', { schema: wider }), { ...aCost('2026-11-01', '2'), region: 'eu' });
      await run(loadAs('append'), aCost('2026-11-01', '3'));

      const rows = await harness.read(dataset, 'costs');
      expect(rows.map(({ cost, region }) => [cost, region]).sort()).toEqual([
        ['1', null],
        ['2', 'eu'],
        ['3', null],
      ]);
    });

    it('refuses a column whose type differs, naming table, column, want and have', async () => {
      await run(newLoad(), aCost('2026-11-01', '1'));
      const columns = COSTS.columns.map((column) =>
        column.name === 'item' ? { ...column, type: 'INT64' as const } : column,
      );

      const refused = run(newLoad({ schema: { ...COSTS, columns } }), {
        ...aCost('2026-11-01', '2'),
        item: 7,
      });

      await expect(refused).rejects.toMatchObject({
        code: 'schema_mismatch',
        facts: { table: `${dataset}.costs`, column: 'item' },
      });
      expect(await costs()).toEqual(['2026-11-01 tokens 1']);
    });

    it('keeps two organizations apart', async () => {
      const other = `${dataset}_b`;
      await run(loadAs('replace'), aCost('2026-11-01', '1'));
      await run(loadAs('replace', { org: 'other', target: { dataset: other } }), aCost('2026-11-01', '2'));

      expect(await costs()).toEqual(['2026-11-01 tokens 1']);
      expect(await costs(other)).toEqual(['2026-11-01 tokens 2']);
    });

    it('shows a reader the old table or the new one, never a part', async () => {
      const rows = (cost: string) => Array.from({ length: 500 }, () => aCost('2026-11-01', cost));
      await run(newLoad(), ...rows('1'));
      const seen = new Set<string>();
      let writing = true;

      const reading = (async () => {
        while (writing) {
          const read = await harness.read(dataset, 'costs');
          seen.add(`${read.length} rows of ${read.reduce((sum, { cost }) => addDecimals(sum, cost!), '0')}`);
        }
      })();
      for (const cost of ['2', '1', '2', '1']) await run(newLoad(), ...rows(cost));
      writing = false;
      await reading;

      expect(['500 rows of 500', '500 rows of 1000']).toEqual(expect.arrayContaining([...seen]));
    });

    it('answers a ping', async () => {
      await expect(harness.warehouse.ping()).resolves.toBeUndefined();
    });
  });
}
