import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { DuckDBConnection } from '@duckdb/node-api';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { Load, Row } from '@pipelines/pipeline';
import { aCost, aLoad, inBatches, NOTHING_PROVEN, prove } from '@pipelines/pipeline/testing';
import { Duckdb } from './duckdb.ts';
import { DuckdbFile } from './duckdb-file.ts';
import { DuckdbWarehouse } from './duckdb.warehouse.ts';
import { OtherProcess } from './testing/other-process.ts';
import { readTable } from './testing/read-table.ts';

describe('DuckdbWarehouse', () => {
  let directory: string;
  let path: string;
  let warehouse: DuckdbWarehouse;
  let duckdb: Duckdb;
  let other: OtherProcess | undefined;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'duckdb-warehouse-'));
    path = join(directory, 'warehouse.duckdb');
    warehouse = new DuckdbWarehouse({ path });
    duckdb = new Duckdb(directory);
  });
  afterEach(async () => {
    jest.restoreAllMocks();
    await warehouse.onApplicationShutdown();
    await duckdb.close();
    await other?.close();
    await rm(directory, { recursive: true });
  });

  const run = async (load: Load, ...rows: Row[]) => {
    await warehouse.stageRows(load, inBatches(rows));
    return commit(load);
  };
  const commit = async (load: Load) => warehouse.commit(load, await prove(warehouse, load));
  const look = <T>(work: (connection: DuckDBConnection) => Promise<T>) =>
    new DuckdbFile(duckdb, path, 'looked at', 0).use(work);
  const execute = (sql: string) => look((connection) => connection.run(sql));

  it('names the column whose sum is more than a decimal of DuckDB holds', async () => {
    const most = '99999999999999999999';

    await warehouse.stageRows(aLoad(), inBatches([aCost('2026-11-01', most), aCost('2026-11-01', most)]));

    await expect(warehouse.check(aLoad())).rejects.toMatchObject({
      code: 'schema_mismatch',
      message:
        'The rows for costs: the sum of column "cost" has more than the 20 digits before the point that a decimal of DuckDB has.',
      facts: { table: 'costs', column: 'cost' },
    });
  });

  describe('beside other processes', () => {
    it('leaves the file to others between loads', async () => {
      await run(aLoad(), aCost('2026-11-01', '1'));

      other = await OtherProcess.open(path);

      expect(other.tables).toEqual(['commits', 'costs']);
    });

    it('stages while another process has the file, and waits with the commit', async () => {
      await run(aLoad({ runId: 'first' }), aCost('2026-11-01', '1'));
      other = await OtherProcess.open(path);
      const load = aLoad({ runId: 'second' });

      await warehouse.stageRows(load, inBatches([aCost('2026-11-01', '2')]));
      const committing = commit(load);
      await other.close();

      expect(await committing).toMatchObject({ committed: { rows: 1 }, rowsReplaced: 1 });
    });

    it('gives up as transient when the file stays in use', async () => {
      const impatient = new DuckdbWarehouse({ path, lockWaitMs: 100 });
      other = await OtherProcess.open(path);
      await impatient.stageRows(aLoad(), inBatches([]));

      await expect(impatient.commit(aLoad(), NOTHING_PROVEN)).rejects.toMatchObject({
        code: 'warehouse_unavailable',
        transient: true,
      });
    });

    it('lets others in, however many uses of its own there are', async () => {
      await run(aLoad({ runId: 'first' }), aCost('2026-11-01', '1'));
      // Its DuckDB is as much another one as that of another process.
      const beside = new DuckdbWarehouse({ path, stagingDirectory: join(directory, 'beside') });
      const load = aLoad({ runId: 'second' });
      await beside.stageRows(load, inBatches([aCost('2026-11-01', '2')]));
      let committed = false;
      const keepBusy = async () => {
        while (!committed) await warehouse.read(aLoad(), { sql: "SELECT 'busy' AS state", parameters: {} });
      };

      const busy = Array.from({ length: 4 }, keepBusy);
      const receipt = await beside.commit(load, await prove(beside, load)).finally(() => (committed = true));
      await Promise.all(busy);
      await beside.onApplicationShutdown();

      expect(receipt).toMatchObject({ committed: { rows: 1 }, rowsReplaced: 1 });
    }, 40_000);

    it('keeps a file that is expensive to attach for the next use, and then lets others have it', async () => {
      const kept = new DuckdbFile(duckdb, path, 'kept', 0, 0);
      await kept.use((connection) => connection.run('CREATE TABLE written AS SELECT 1 AS one'));
      const beside = new Duckdb(directory);
      const tables = new DuckdbFile(beside, path, 'beside', 10_000).use(async (connection) => {
        const found = await connection.runAndReadAll('SELECT count(*) FROM written');
        return found.getRowsJson();
      });

      expect(await tables).toEqual([['1']]);
      await beside.close();
    });

    it('is ready although another process has the file', async () => {
      other = await OtherProcess.open(path);

      await expect(warehouse.ping()).resolves.toBeUndefined();
    });
  });

  it('is not ready when the file is no database', async () => {
    await writeFile(path, 'no database'.repeat(1000));

    await expect(warehouse.ping()).rejects.toMatchObject({ code: 'warehouse_rejected' });
  });

  it('is not ready when its directory cannot be made', async () => {
    await writeFile(join(directory, 'file'), '');
    const misplaced = new DuckdbWarehouse({ path: join(directory, 'file', 'warehouse.duckdb') });

    await expect(misplaced.ping()).rejects.toMatchObject({ code: 'warehouse_unavailable' });
  });

  it('shows a reader who looks every 10 ms no total but the old or the new one, in 50 replacements', async () => {
    const rows = (cost: number) => Array.from({ length: 300 }, () => aCost('2026-11-01', String(cost)));
    await run(aLoad({ runId: 'r0' }), ...rows(0));
    const seen: string[] = [];
    let replaced = 0;

    const reading = (async () => {
      while (replaced < 50) {
        const [total] = await warehouse.read(aLoad(), {
          sql: `SELECT concat_ws(',', count(*), sum(cost)::INTEGER, count(DISTINCT _run_id)) AS total FROM acme_test.costs`,
          parameters: {},
        });
        seen.push(total!.total!);
        await delay(10);
      }
    })();
    for (let cost = 1; cost <= 50; cost++) {
      await run(aLoad({ runId: `r${cost}` }), ...rows(cost));
      replaced = cost;
    }
    await reading;

    const totals = Array.from({ length: 51 }, (_, cost) => `300,${300 * cost},1`);
    expect(totals).toEqual(expect.arrayContaining(seen));
    // A reader never goes back, and this one has looked between the replacements.
    const order = seen.map((total) => totals.indexOf(total));
    expect(order).toEqual([...order].sort((a, b) => a - b));
    expect(new Set(seen).size).toBeGreaterThan(10);
  }, 60_000);

  it('undoes the whole commit when a later statement of it fails', async () => {
    await run(aLoad({ runId: 'first' }), aCost('2026-11-01', '1'));
    await execute(`
      ALTER TABLE acme_test.costs RENAME TO before;
      CREATE TABLE acme_test.costs (
        day DATE NOT NULL, item VARCHAR, cost DECIMAL(38,18) NOT NULL CHECK (cost < 5), currency VARCHAR NOT NULL,
        _run_id VARCHAR NOT NULL, _pipeline VARCHAR NOT NULL, _loaded_at TIMESTAMP NOT NULL, _credential VARCHAR);
      INSERT INTO acme_test.costs FROM acme_test.before`);

    const refused = run(aLoad({ runId: 'second' }), aCost('2026-11-01', '2'), aCost('2026-11-01', '7'));

    await expect(refused).rejects.toMatchObject({
      code: 'warehouse_rejected',
      message: expect.stringContaining('A row breaks a rule of the table.'),
    });
    expect((await readTable(path, 'acme_test', 'costs')).map(({ cost }) => cost)).toEqual(['1']);
  });

  it('finds a commit of its own process that is under way', async () => {
    const load = aLoad();
    await warehouse.stageRows(load, inBatches([aCost('2026-11-01', '1')]));
    const proof = await prove(warehouse, load);

    const begun = Promise.withResolvers<void>();
    const { run: runStatement } = DuckDBConnection.prototype;
    jest.spyOn(DuckDBConnection.prototype, 'run').mockImplementation(function (
      this: DuckDBConnection,
      ...statement
    ) {
      if (statement[0] === 'BEGIN TRANSACTION') begun.resolve();
      return runStatement.apply(this, statement);
    });

    const committing = warehouse.commit(load, proof);
    await begun.promise;
    const found = await warehouse.findCommit({ ...load, attempt: 2 });

    expect(found).toEqual({ ...(await committing), alreadyCommitted: true });
  });

  it('finds no commit where there is no file, and makes none', async () => {
    expect(await warehouse.findCommit(aLoad())).toBeUndefined();
    expect(await readdir(directory)).toEqual([]);
  });

  it('finds no commit in a file that holds no ledger, and leaves it so', async () => {
    await execute('CREATE TABLE notes (text VARCHAR)');

    expect(await warehouse.findCommit(aLoad())).toBeUndefined();
    other = await OtherProcess.open(path);
    expect(other.tables).toEqual(['notes']);
  });

  it('finds the commit of another process once that lets go of the file', async () => {
    await run(aLoad(), aCost('2026-11-01', '1'));
    other = await OtherProcess.open(path);

    const finding = new DuckdbWarehouse({ path }).findCommit(aLoad({ attempt: 2 }));
    await other.close();

    expect(await finding).toMatchObject({ committed: { rows: 1 }, alreadyCommitted: true });
  });

  describe('when what follows the write of a commit fails', () => {
    const COMMITTED = { committed: { rows: 1 }, rowsReplaced: 0, jobIds: [], alreadyCommitted: false };
    const { run: runStatement } = DuckDBConnection.prototype;
    /** Fails the statements that match, after running them or in their place. */
    const failStatements = (matches: (sql: string) => boolean, how: 'after' | 'instead') =>
      jest.spyOn(DuckDBConnection.prototype, 'run').mockImplementation(async function (
        this: DuckDBConnection,
        sql,
        values,
        types,
      ) {
        if (!matches(sql)) return runStatement.call(this, sql, values, types);
        if (how === 'after') await runStatement.call(this, sql, values, types);
        throw new Error(`IO Error: the disk is gone (${sql})`);
      });
    const costs = async () => (await readTable(path, 'acme_test', 'costs')).map(({ cost }) => cost);
    const load = aLoad();

    beforeEach(() => warehouse.stageRows(load, inBatches([aCost('2026-11-01', '1')])));
    afterEach(() => {
      jest.restoreAllMocks();
    });

    it('has committed although no file can be detached', async () => {
      failStatements((sql) => sql.includes('DETACH'), 'instead');

      expect(await commit(load)).toMatchObject(COMMITTED);
    });

    it('takes staging away although no file can be detached', async () => {
      failStatements((sql) => sql.includes('DETACH'), 'instead');

      await warehouse.discard(load);

      expect(await readdir(join(directory, 'staging'))).toEqual([]);
    });

    it('has committed although the run is aborted meanwhile', async () => {
      const abort = new AbortController();
      jest.spyOn(DuckDBConnection.prototype, 'run').mockImplementation(async function (
        this: DuckDBConnection,
        sql,
        values,
        types,
      ) {
        const result = await runStatement.call(this, sql, values, types);
        if (sql === 'COMMIT') abort.abort(new Error('timed out'));
        return result;
      });

      expect(await commit({ ...load, signal: abort.signal })).toMatchObject(COMMITTED);
    });

    it('has committed when COMMIT took effect before it failed', async () => {
      failStatements((sql) => sql === 'COMMIT', 'after');

      expect(await commit(load)).toMatchObject(COMMITTED);
      expect(await costs()).toEqual(['1']);
    });

    it('fails when COMMIT failed before it took effect', async () => {
      failStatements((sql) => sql === 'COMMIT', 'instead');

      await expect(commit(load)).rejects.toMatchObject({ code: 'warehouse_rejected' });
      expect(await costs()).toEqual([]);
      expect(await warehouse.findCommit(load)).toBeUndefined();
    });

    it('is transient while the outcome is not known, and a later attempt finds the commit', async () => {
      let ended = false;
      failStatements((sql) => (ended ||= sql === 'COMMIT'), 'after');
      await expect(commit(load)).rejects.toMatchObject({
        code: 'warehouse_unavailable',
        transient: true,
      });
      jest.restoreAllMocks();

      expect(await warehouse.findCommit({ ...load, attempt: 2 })).toMatchObject({
        ...COMMITTED,
        alreadyCommitted: true,
      });
    });
  });

  it('describes table and columns', async () => {
    await run(aLoad(), aCost('2026-11-01', '1'));

    const described = await look(async (connection) => {
      const found = await connection.runAndReadAll(
        `SELECT comment FROM duckdb_tables() WHERE table_name = 'costs'
         UNION ALL SELECT comment FROM duckdb_columns() WHERE table_name = 'costs' AND column_name = 'currency'`,
      );
      return found.getRowsJS().flat();
    });

    expect(described.sort()).toEqual(["Costs; it's only a sample", 'ISO 4217 code']);
  });

  it('removes what a killed process staged, with its log, and leaves others alone', async () => {
    const staging = join(directory, 'staging');
    const { runId, org, target, signal } = aLoad();
    await mkdir(staging, { recursive: true });
    other = await OtherProcess.open(join(staging, `${runId}_1.duckdb`));
    await other.kill();
    await writeFile(join(staging, `${runId}_1.duckdb.wal`), '');
    await writeFile(join(staging, `${runId}_11.duckdb`), '');

    await warehouse.discard({ runId, attempt: 1, org, target, signal });

    expect(await readdir(staging)).toEqual([`${runId}_11.duckdb`]);
  });

  it('removes after a day what was staged and spilled, and leaves others alone', async () => {
    const staging = join(directory, 'staging');
    const spill = `spill_${randomUUID()}`;
    await mkdir(join(staging, spill), { recursive: true });
    const dayAndHourAgo = Date.now() / 1000 - 25 * 3600;
    for (const name of ['old_1.duckdb', 'old_1.duckdb.wal', 'notes.txt', `${spill}/old.tmp`]) {
      await writeFile(join(staging, name), '');
      await utimes(join(staging, name), dayAndHourAgo, dayAndHourAgo);
    }
    for (const name of ['recent_1.duckdb', `${spill}/recent.tmp`]) await writeFile(join(staging, name), '');

    await warehouse.stageRows(aLoad({ runId: 'new' }), inBatches([]));

    expect((await readdir(staging, { recursive: true })).sort()).toEqual([
      'new_1.duckdb',
      'new_1.duckdb.wal',
      'notes.txt',
      'recent_1.duckdb',
      spill,
      `${spill}/recent.tmp`,
    ]);
  });

  it('has nothing to check when nothing is staged', async () => {
    await expect(warehouse.check(aLoad())).rejects.toMatchObject({
      code: 'warehouse_rejected',
      message:
        'Nothing is staged for attempt 1 of run 0199c0de-0000-7000-8000-000000000001. Stage before check and commit.',
    });
  });

  describe('with a query whose rows do not fit', () => {
    const stage = (cost: string, currency: string) =>
      warehouse.stageQuery(aLoad(), {
        sql: `SELECT DATE '2026-11-01' AS day, 'x' AS item, ${cost} AS cost, ${currency} AS currency`,
        parameters: {},
      });

    it('names the column that a row has no value for', async () => {
      await expect(stage('CAST(1 AS DECIMAL(38,18))', 'CAST(NULL AS VARCHAR)')).rejects.toMatchObject({
        code: 'schema_mismatch',
        message:
          'The query for acme_test.costs gives a row without a value for "currency", which every row needs. The target was not touched. Let the query leave such rows out, or give them a value.',
        facts: { table: 'acme_test.costs', column: 'currency' },
      });
    });

    it.each([
      [`CAST('1e300' AS DECIMAL(38,18))`, '1e300'],
      [`CAST(1e30::DOUBLE AS DECIMAL(38,18))`, '1000000000000000019884624838656.000000'],
      [`CAST(-12345678901234567890123.5 AS DECIMAL(38,18))`, '-12345678901234567890123.5'],
      [`CAST('${'9'.repeat(60)}' AS DECIMAL(38,18))`, `${'9'.repeat(39)}…`],
    ])('names the number of %s, which does not fit', async (cost, value) => {
      await expect(stage(cost, `'USD'`)).rejects.toMatchObject({
        code: 'schema_mismatch',
        message: `The query for acme_test.costs reads the number ${value}, which its column cannot hold. The target was not touched. Correct the value in the table that is read.`,
        facts: { table: 'acme_test.costs', value },
      });
    });

    it('explains a value that does not fit in words of our own', async () => {
      await expect(stage(`CAST('NaN' AS DECIMAL(38,18))`, `'USD'`)).rejects.toMatchObject({
        code: 'schema_mismatch',
        message:
          "The query for acme_test.costs reads a value that does not fit the type of its column. The target was not touched. Correct the value in the table that is read; the log has DuckDB's own message.",
        operatorDetail: expect.stringContaining('Conversion Error'),
      });
    });
  });

  describe('with a query', () => {
    const QUERY = `
      SELECT CAST($start AS DATE) AS day, 'USD' AS currency, 1.25 AS cost, NULL AS item -- a comment`;
    const query = (sql: string, parameters = { start: '2026-11-01', end: '2026-11-02' }) => ({
      sql,
      parameters,
    });

    it('stages and commits what it selects, in any order of columns', async () => {
      const load = aLoad();

      await warehouse.stageQuery(load, query(QUERY));

      expect(await warehouse.check(load)).toEqual({
        rows: 1,
        money: [{ column: 'cost', currency: 'USD', sum: '1.25' }],
        rowsOutsideWindow: 0,
      });
      expect(await commit(load)).toMatchObject({ committed: { rows: 1 } });
    });

    it('loads many at once', async () => {
      const runs = Array.from({ length: 12 }, async (_, index) => {
        const load = aLoad({ runId: `run-${index}`, target: { ...aLoad().target, table: `costs_${index}` } });
        await warehouse.stageQuery(load, query(QUERY));
        const receipt = await commit(load);
        await warehouse.discard(load);
        return receipt;
      });

      for (const receipt of await Promise.all(runs)) expect(receipt.committed.rows).toBe(1);
      other = await OtherProcess.open(path);
      expect(other.tables).toHaveLength(13);
    }, 30_000);

    it('reads tables of the warehouse', async () => {
      await run(aLoad({ runId: 'source' }), aCost('2026-11-01', '1'), aCost('2026-11-01', '2', null));
      const load = aLoad({ runId: 'derived', target: { table: 'derived' } });

      await warehouse.stageQuery(
        load,
        query('SELECT day, currency, item, cost * 2 AS cost FROM acme_test.costs WHERE item IS NULL;'),
      );
      await commit(load);

      expect(await readTable(path, 'acme_test', 'derived')).toMatchObject([{ cost: '4', item: null }]);
    });

    it.each([
      [
        'a missing column',
        "SELECT DATE '2026-11-01' AS day, 'USD' AS currency, 1.5 AS cost",
        'column "item"',
      ],
      [
        'a surplus column',
        "SELECT DATE '2026-11-01' AS day, 'USD' AS currency, 1.5 AS cost, 'a' AS item, 1 AS more",
        'column "more": want no such column',
      ],
      [
        'a float amount',
        "SELECT DATE '2026-11-01' AS day, 'USD' AS currency, 1.5::DOUBLE AS cost, 'a' AS item",
        'column "cost": want a decimal of at most 18 fraction digits, have DOUBLE',
      ],
    ])('refuses %s', async (_name, sql, message) => {
      await expect(warehouse.stageQuery(aLoad(), query(sql))).rejects.toMatchObject({
        code: 'schema_mismatch',
        message: expect.stringContaining(message),
      });
    });

    it('names a parameter that the query is not given', async () => {
      const refused = warehouse.stageQuery(aLoad(), query(QUERY.replace('$start', '$day')));

      await expect(refused).rejects.toMatchObject({
        code: 'configuration_invalid',
        message: 'The query of sample/cost/daily uses $day, which it is not given. Given: start, end.',
      });
    });

    it('is interrupted when aborted, and the file is free again', async () => {
      const abort = new AbortController();
      const load = aLoad({ signal: abort.signal });
      const endless = `SELECT CAST($start AS DATE) AS day, 'USD' AS currency, sum(a.range) AS cost, 'a' AS item
        FROM range(10000000) a, range(10000000) b`;

      const staging = warehouse.stageQuery(load, query(endless));
      setTimeout(() => abort.abort(new Error('timed out')), 300);

      await expect(staging).rejects.toThrow('timed out');
      await warehouse.discard(load);
      other = await OtherProcess.open(path);
      expect(other.tables).toEqual([]);
    });
  });
});
