import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '../../testing/test-database.ts';

const DEFINITIONS = `
  SELECT 'column' AS kind, table_name || '.' || column_name AS name, data_type || ' ' || is_nullable AS definition
  FROM information_schema.columns WHERE table_schema = 'pipelines'
  UNION ALL
  SELECT 'index', indexname, indexdef FROM pg_indexes WHERE schemaname = 'pipelines'
  UNION ALL
  SELECT 'constraint', conrelid::regclass || '.' || conname, pg_get_constraintdef(oid)
  FROM pg_constraint WHERE connamespace = 'pipelines'::regnamespace
  UNION ALL
  SELECT 'view', viewname, definition FROM pg_views WHERE schemaname = 'pipelines'
  UNION ALL
  SELECT 'function', proname, pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = 'pipelines'::regnamespace
  ORDER BY 1, 2`;

const RUN = {
  id: '0198c5a8-0000-7000-8000-000000000001',
  org_slug: 'acme',
  provider: 'openai',
  domain: 'cost',
  pipeline: 'costs_daily',
  status: 'pending',
  window_start: '2026-01-05',
  window_end: '2026-01-06',
  counted_on: '2026-01-06',
};
const ENDED = { finished_at: '2026-01-06T00:00:00Z' };

describe('the migrations', () => {
  let database: TestDatabase;

  beforeEach(async () => {
    database = await createTestDatabase();
  });
  afterEach(() => database.drop());

  const insert = (table: string, row: object) => {
    const columns = Object.keys(row).join(', ');
    return database.dataSource.query(
      `INSERT INTO pipelines.${table} (${columns})
       SELECT ${columns} FROM json_populate_record(NULL::pipelines.${table}, $1)`,
      [JSON.stringify(row)],
    );
  };

  it('can each be taken back, to what the one before had made', async () => {
    const { dataSource } = database;
    const { migrations } = dataSource;
    const runner = dataSource.createQueryRunner();
    const before: unknown[] = [];

    for (const [index, migration] of [...migrations.entries()].reverse()) {
      before[index + 1] = await dataSource.query(DEFINITIONS);
      await migration.down(runner);
    }
    before[0] = await dataSource.query(DEFINITIONS);
    for (const [index, migration] of migrations.entries()) {
      expect(await dataSource.query(DEFINITIONS)).toEqual(before[index]);
      await migration.up(runner);
    }
    await runner.release();

    expect(JSON.stringify(before[0])).not.toContain('runs');
    expect(await dataSource.query(DEFINITIONS)).toEqual(before[migrations.length]);
  });

  it('keep the watermarks that are known, as those of the only clock', async () => {
    const { dataSource } = database;
    const byClock = dataSource.migrations.find(({ name }) => name === 'WatermarksByClock1700000000011')!;
    const runner = dataSource.createQueryRunner();
    await byClock.down(runner);
    await insert('organizations', { slug: 'acme', name: 'Acme' });
    await insert('watermarks', {
      org_slug: 'acme',
      provider: 'focus',
      domain: 'unified',
      pipeline: 'cost_and_usage',
      scope: {},
      watermark: '2026-01-06T01:02:03.000004+01:00',
    });

    await byClock.up(runner);
    const migrated = await dataSource.query('SELECT watermarks, revision FROM pipelines.watermarks');
    await byClock.down(runner);
    const back = await dataSource.query('SELECT watermark::text FROM pipelines.watermarks');
    await byClock.up(runner);
    await runner.release();

    expect(migrated).toEqual([{ watermarks: { '': '2026-01-06T00:02:03.000004Z' }, revision: 1 }]);
    expect(back).toEqual([{ watermark: '2026-01-06 00:02:03.000004+00' }]);
  });

  it.each([
    ['is in a state that there is not', { status: 'paused' }],
    ['covers no day', { window_end: RUN.window_start }],
    ['ended but has not', { status: 'completed', receipt: {} }],
    ['has ended but goes on', { status: 'running', ...ENDED }],
    ['failed without an error', { status: 'failed', ...ENDED }],
    ['completed with an error', { status: 'completed', ...ENDED, receipt: {}, error_code: 'timed_out' }],
    ['completed without a receipt', { status: 'completed', ...ENDED }],
  ])('keep a run from the table that %s', async (_what, fields) => {
    await insert('organizations', { slug: 'acme', name: 'Acme' });

    await expect(insert('runs', { ...RUN, ...fields })).rejects.toMatchObject({
      code: '23514',
      constraint: 'runs_consistent',
    });
    await insert('runs', RUN);
  });

  it.each(['daily_count', 'monthly_count', 'concurrent_count'])(
    'keep %s from falling below 0',
    async (count) => {
      await insert('organizations', { slug: 'acme', name: 'Acme' });
      await insert('usage_counters', { org_slug: 'acme', day: '2026-01-06' });

      await expect(
        database.dataSource.query(`UPDATE pipelines.usage_counters SET ${count} = ${count} - 1`),
      ).rejects.toMatchObject({ code: '23514', constraint: `usage_counters_${count}_check` });
    },
  );
});
