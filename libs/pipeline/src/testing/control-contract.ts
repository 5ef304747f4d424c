import { describe, expect } from '@jest/globals';
import { stageControlled, type SourceControl, type StagedQuery } from '../lib/warehouse/source-control.ts';
import { SQL_TYPES } from '../lib/warehouse/sql-types.ts';
import type { ScalarType, TableSchema } from '../lib/warehouse/table-schema.ts';
import type { Load, WarehouseQuery } from '../lib/warehouse/warehouse.ts';
import type { ContractCase } from './contract-cases.ts';
import type { WarehouseBench } from './warehouse-bench.ts';
import { aCost, COSTS } from './warehouse-load.ts';

const WINDOW = { start: '2026-11-01', end: '2026-11-03' };

const SCHEMA: TableSchema = {
  ...COSTS,
  columns: [
    ...COSTS.columns,
    { name: 'begun_at', type: 'TIMESTAMP', description: 'When the usage began' },
    { name: 'list_cost', type: 'BIGNUMERIC', description: 'Cost at list price' },
  ],
  money: [...COSTS.money!, { amount: 'list_cost', currency: 'currency' }],
};

const GROUPING = { by: ['item', 'begun_at', 'currency'], sums: ['cost'] };

/** What a wrong query does to the columns, by name, or to the rows. */
interface Change {
  readonly cost?: string;
  readonly item?: string;
  readonly rows?: string;
}

/** How what a query staged is held against its sources. Part of the warehouse contract. */
export function describeControlContract(it: ContractCase, bench: WarehouseBench): void {
  const { run, newLoad, costs, commit } = bench;

  /** A load of the copies of `costs`. */
  const copyLoad = (): Load => newLoad({ window: WINDOW, schema: SCHEMA, target: { table: 'copies' } });
  const givenCosts = () =>
    run(
      newLoad({ window: WINDOW }),
      aCost('2026-11-01', '0.1'),
      aCost('2026-11-01', '0.2'),
      aCost('2026-11-01', '-9007199254740993.000000000000000001', null, 'EUR'),
      aCost('2026-11-02', '4'),
    );
  const sourceName = async (): Promise<string> =>
    (await bench.harness.warehouse.describeTable(newLoad(), { dataset: bench.dataset, table: 'costs' }))!
      .sqlName;
  const types = (): Readonly<Record<ScalarType, string>> => SQL_TYPES[bench.harness.warehouse.engine];
  const copy = async ({ cost = 'cost', item = 'item', rows = '' }: Change = {}): Promise<WarehouseQuery> => {
    return {
      sql: `SELECT day, ${item} AS item, ${cost} AS cost, currency, CAST(day AS TIMESTAMP) + INTERVAL 23 HOUR AS begun_at, cost * 2 AS list_cost FROM ${await sourceName()} ${rows}`,
      parameters: {},
    };
  };
  const controlOf = async (): Promise<SourceControl> => {
    const text = types().STRING;
    return {
      ...GROUPING,
      query: {
        sql: `SELECT item, CAST(day AS ${text}) AS begun_at, currency, CAST(COUNT(*) AS ${text}) AS row_count, CAST(SUM(cost) AS ${text}) AS cost FROM ${await sourceName()} GROUP BY item, day, currency`,
        parameters: {},
      },
    };
  };
  const stage = async (load: Load, query: WarehouseQuery): Promise<StagedQuery> =>
    stageControlled(bench.harness.warehouse, load, { ...query, control: await controlOf() });

  describe('of controls', () => {
    it('tells the staged groups: rows and exact sums, an instant by its UTC day, null for itself', async () => {
      await givenCosts();
      const load = copyLoad();
      const { warehouse } = bench.harness;
      await warehouse.stageQuery(load, await copy());

      const { groups } = await warehouse.check(load, { ...GROUPING, sums: ['cost', 'list_cost'], limit: 9 });

      expect(
        [...groups!].sort((first, second) => first.rows - second.rows || (first.group[0] ? 1 : -1)),
      ).toEqual([
        {
          group: [null, '2026-11-01', 'EUR'],
          rows: 1,
          sums: ['-9007199254740993.000000000000000001', '-18014398509481986.000000000000000002'],
        },
        { group: ['tokens', '2026-11-02', 'USD'], rows: 1, sums: ['4', '8'] },
        { group: ['tokens', '2026-11-01', 'USD'], rows: 2, sums: ['0.3', '0.6'] },
      ]);
      await warehouse.discard(load);
    });

    it('tells no more groups than are asked for, and none unasked', async () => {
      await givenCosts();
      const load = copyLoad();
      const { warehouse } = bench.harness;
      await warehouse.stageQuery(load, await copy());

      expect((await warehouse.check(load, { ...GROUPING, limit: 2 })).groups).toHaveLength(2);
      expect((await warehouse.check(load)).groups).toBeUndefined();
      await warehouse.discard(load);
    });

    it('takes for extracted what the sources hold, and commits it', async () => {
      await givenCosts();
      const load = copyLoad();
      const eur = '-9007199254740993.000000000000000001';

      const { stage: staging, staged, extracted, control } = await stage(load, await copy());

      expect(control).toEqual({ ...GROUPING, groups: 3 });
      expect(extracted.rows).toBe(4);
      expect(extracted.money).toHaveLength(4);
      expect(extracted.money).toEqual(
        expect.arrayContaining([
          { column: 'cost', currency: 'EUR', sum: eur },
          { column: 'cost', currency: 'USD', sum: '4.3' },
          { column: 'list_cost', currency: 'USD', sum: '8.6' },
        ]),
      );
      const proof = {
        rows: { extracted: extracted.rows, staged: staged.rows },
        money: { extracted: extracted.money, staged: staged.money },
        stage: staging,
        control,
      };
      expect(await commit(load, proof)).toMatchObject({ proof, committed: { rows: 4 } });
      await bench.harness.warehouse.discard(load);
    });

    it.each<[string, (types: Readonly<Record<ScalarType, string>>) => Change, string]>([
      [
        'loses a row',
        () => ({ rows: `WHERE day = DATE '2026-11-01'` }),
        'item tokens, begun_at 2026-11-02, currency USD: the sources hold 1 rows, cost 4, but no rows were staged.',
      ],
      [
        'doubles a row',
        () => ({
          rows: `CROSS JOIN (SELECT 1 AS times UNION ALL SELECT 2) AS twice WHERE times = 1 OR cost = 4`,
        }),
        'the sources hold 1 rows, cost 4, but 2 rows, cost 8 were staged.',
      ],
      [
        'changes the last digit of an amount',
        ({ BIGNUMERIC }) => ({
          cost: `CASE WHEN item IS NULL THEN cost + CAST('0.000000000000000001' AS ${BIGNUMERIC}) ELSE cost END`,
        }),
        'item null, begun_at 2026-11-01, currency EUR: the sources hold 1 rows, cost -9007199254740993.000000000000000001, but 1 rows, cost -9007199254740993 were staged.',
      ],
      [
        'moves cost from one day to another',
        ({ BIGNUMERIC }) => ({
          cost: `CASE WHEN day = DATE '2026-11-02' THEN cost - 1 WHEN cost = CAST('0.1' AS ${BIGNUMERIC}) THEN cost + 1 ELSE cost END`,
        }),
        'were staged.',
      ],
      [
        'puts every row into a group of its own',
        ({ STRING }) => ({ item: `CAST(cost AS ${STRING})` }),
        'the sources hold no rows, but 1 rows, cost ',
      ],
    ])('refuses a query that %s, and names where', async (_name, change, message) => {
      await givenCosts();
      const before = await costs();
      const load = copyLoad();

      const refused = stage(load, await copy(change(types())));

      await expect(refused).rejects.toMatchObject({
        code: 'receipt_mismatch',
        message: expect.stringContaining(message),
      });
      expect(await costs()).toEqual(before);
      expect(await bench.harness.read(bench.dataset, 'copies')).toEqual([]);
      await bench.harness.warehouse.discard(load);
    });

    it('tells sources that change while they are read from a query that is wrong', async () => {
      await givenCosts();
      const load = copyLoad();
      const query = await copy();
      const control = await controlOf();
      const { warehouse } = bench.harness;
      const changing = Object.assign(Object.create(warehouse) as typeof warehouse, {
        stageQuery: async (...staging: Parameters<typeof warehouse.stageQuery>) => {
          await run(bench.loadAs('append'), aCost('2026-11-01', '5'));
          return warehouse.stageQuery(...staging);
        },
      });

      await expect(stageControlled(changing, load, { ...query, control })).rejects.toMatchObject({
        code: 'sources_changed',
        transient: true,
      });

      await warehouse.discard(load);
      const again = { ...load, attempt: 2 };
      expect(await stageControlled(warehouse, again, { ...query, control })).toMatchObject({
        extracted: { rows: 5 },
        staged: { rows: 5 },
        control: { groups: 3 },
      });
      await warehouse.discard(again);
    });

    it('takes for extracted what is staged where a query has no control', async () => {
      await givenCosts();
      const load = copyLoad();

      const { extracted, control } = await stageControlled(bench.harness.warehouse, load, await copy());

      expect(extracted).toMatchObject({ rows: 4 });
      expect(control).toBeUndefined();
      await bench.harness.warehouse.discard(load);
    });
  });
}
