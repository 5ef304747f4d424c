import { randomUUIDv7 } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { dataSourceOptions } from '@pipelines/database';
import { DataSource } from 'typeorm';
import { givenOrganization } from '../../testing/test-organization.ts';
import { useRunDatabase } from '../../testing/use-run-database.ts';
import { RunHistory, type HistoryQuery } from '../history/run-history.ts';
import { RunMetrics } from '../metrics/run-metrics.ts';
import { RunEntity } from '../run.entity.ts';
import { RunCancellation } from '../settlement/run-cancellation.ts';
import { ensurePartition } from './archive-month.ts';
import { archiveBatch } from './archive-runs.ts';
import { RunArchiver } from './run.archiver.ts';

const AFTER_DAYS = 90;

/** Inserts a run that was admitted and has ended at times told in SQL. */
const INSERT_RUN = (pendingAt: string, finishedAt: string) => `
  INSERT INTO pipelines.runs
    (id, org_slug, provider, domain, pipeline, status, window_start, window_end, counted_on, retries, proof, receipt,
     rows_loaded, backfill_id, pending_at, running_at, finished_at)
  SELECT $1, $2, 'openai', 'cost', 'costs_daily', CASE WHEN ended IS NULL THEN 'running' ELSE 'completed' END,
    '2026-01-05', '2026-01-06', '2026-01-05', 3, '{"rows": {"staged": 7}}', '{"rows": {"committed": 7}}', 7, $3,
    ${pendingAt}, ${pendingAt}, ended
  FROM (SELECT (${finishedAt})::timestamptz AS ended) AS times`;

describe('RunArchiver', () => {
  const database = useRunDatabase();
  let organizations = 0;

  const archiver = (metrics = new RunMetrics(), dataSource = database.dataSource) =>
    new RunArchiver(dataSource, metrics, { archiveAfterDays: AFTER_DAYS });
  const history = () => new RunHistory(database.dataSource.getRepository(RunEntity));

  async function newOrganization(): Promise<string> {
    const org = `org_${++organizations}`;
    await givenOrganization(database.dataSource, org);
    return org;
  }

  async function givenRun(
    org: string,
    pendingAt: string,
    finishedAt: string = pendingAt,
    backfillId: string | null = null,
  ): Promise<string> {
    const id = randomUUIDv7();
    await database.dataSource.query(INSERT_RUN(pendingAt, finishedAt), [id, org, backfillId]);
    return id;
  }

  /** Ended runs, one every so many hours, the last of them `youngest` days ago. */
  async function givenEndedRuns(org: string, count: number, youngest = 100, everyHours = 24): Promise<void> {
    await database.dataSource.query(
      `INSERT INTO pipelines.runs
         (id, org_slug, provider, domain, pipeline, status, error_code, receipt, window_start, window_end, counted_on,
          pending_at, finished_at)
       SELECT gen_random_uuid(), $1, 'openai', 'cost', 'costs_daily',
         CASE WHEN n % 3 = 0 THEN 'failed' ELSE 'completed' END, CASE WHEN n % 3 = 0 THEN 'timed_out' END,
         CASE WHEN n % 3 > 0 THEN '{}'::jsonb END, '2026-01-05', '2026-01-06', '2026-01-05', at, at
       FROM generate_series(1, $2::int) AS n,
         LATERAL (SELECT now() - $3 * interval '1 day' - n * $4 * interval '1 hour' AS at) AS times`,
      [org, count, youngest, everyHours],
    );
  }

  const idsIn = async (relation: string, org: string) =>
    (
      await database.dataSource.query<{ id: string }[]>(
        `SELECT id FROM pipelines.${relation} WHERE org_slug = $1 ORDER BY id`,
        [org],
      )
    ).map(({ id }) => id);

  /** Ends the sessions that wait for a lock on the archive, as the end of their processes would. */
  async function endWaitingForArchive(): Promise<number> {
    const [ended] = await database.dataSource.query<{ sessions: number }[]>(
      `SELECT count(pg_terminate_backend(pid))::int AS sessions FROM pg_stat_activity
       WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%archived_runs%'`,
    );
    return ended!.sessions;
  }

  async function pages(org: string, query: Partial<HistoryQuery> = {}, between = async () => {}) {
    const found: RunEntity[][] = [];
    for (let cursor: string | null | undefined; cursor !== null;) {
      const page = await history().list(org, { limit: 7, filter: {}, ...query, cursor });
      found.push([...page.runs].map((run) => ({ ...run })));
      cursor = page.nextCursor;
      await between();
    }
    return found;
  }

  it('moves runs that ended long ago, and nothing that is unfinished, young or still needed', async () => {
    const org = await newOrganization();
    const old = await givenRun(org, `now() - interval '91 days'`);
    const young = await givenRun(org, `now() - interval '400 days'`, `now() - interval '89 days'`);
    const unfinished = await givenRun(org, `now() - interval '400 days'`, 'NULL');
    const keyed = await givenRun(org, `now() - interval '91 days'`);
    const backfilled = await givenRun(org, `now() - interval '91 days'`, undefined, randomUUIDv7());
    await database.dataSource.query(
      `WITH keyed AS (INSERT INTO pipelines.idempotency_keys (org_slug, key, request_hash, run_id) VALUES ($1, 'k', '', $2))
       INSERT INTO pipelines.backfills
         (id, org_slug, provider, domain, pipeline, start_date, end_date, max_concurrent, only_missing)
       SELECT backfill_id, org_slug, provider, domain, pipeline, window_start, window_end, 1, false
       FROM pipelines.runs WHERE id = $3`,
      [org, keyed, backfilled],
    );

    await archiver().archive();
    expect(await idsIn('runs', org)).toEqual([young, unfinished, keyed, backfilled].sort());
    expect(await idsIn('archived_runs', org)).toEqual([old]);

    await database.dataSource.query('DELETE FROM pipelines.idempotency_keys WHERE org_slug = $1', [org]);
    await database.dataSource.query('UPDATE pipelines.backfills SET finished_at = now()');
    await archiver().archive();
    expect(await idsIn('runs', org)).toEqual([young, unfinished].sort());
    expect(await idsIn('archived_runs', org)).toEqual([old, keyed, backfilled].sort());
  });

  it('keeps every column of a run, and changes nothing when it goes on', async () => {
    const org = await newOrganization();
    await givenRun(org, `now() - interval '1 year'`, `now() - interval '300 days'`, randomUUIDv7());
    const rows = (relation: string) =>
      database.dataSource.query(
        `SELECT to_jsonb(run) AS run FROM pipelines.${relation} AS run WHERE org_slug = $1`,
        [org],
      );
    const before = await rows('runs');

    await archiver().archive();
    const after = await rows('archived_runs');
    await archiver().archive();

    expect(after).toEqual(before);
    expect(await rows('all_runs')).toEqual(before);
    expect(await rows('runs')).toEqual([]);
  });

  it('finds the same columns, in the same order, in the live table, the archive and the view of both', async () => {
    const columns = (relation: string) =>
      database.dataSource.query(
        `SELECT attname, atttypid, atttypmod FROM pg_attribute
         WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum`,
        [`pipelines.${relation}`],
      );
    const live = await columns('runs');

    expect(await columns('archived_runs')).toEqual(live);
    expect(await columns('all_runs')).toEqual(live);
  });

  it('moves each run once when many processes archive at the same time', async () => {
    const org = await newOrganization();
    await givenEndedRuns(org, 2_500, 100, 1);
    const before = await idsIn('runs', org);
    const metrics = Array.from({ length: 4 }, () => new RunMetrics());

    await Promise.all(metrics.map((each) => archiver(each).archive()));
    // One may have given way to another that was about to end.
    await archiver(metrics[0]).archive();

    expect(await idsIn('archived_runs', org)).toEqual(before);
    expect(await idsIn('runs', org)).toEqual([]);
    const counts = await Promise.all(
      metrics.map(async ({ registry }) => {
        const counter = await registry.getSingleMetric('pipelines_runs_archived_total')!.get();
        return counter.values[0]!.value;
      }),
    );
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(before.length);
  });

  it('makes the partition of any month, told in UTC whatever the time zone of the session', async () => {
    const org = await newOrganization();
    const last = await givenRun(org, `'2019-02-28T23:59:59.999Z'`);
    const first = await givenRun(org, `'2019-03-01T00:00:00Z'`);
    const url = new URL(database.url);
    url.searchParams.set('options', '-c TimeZone=Pacific/Auckland');
    const elsewhere = await new DataSource(dataSourceOptions(url.href)).initialize();

    await archiver(new RunMetrics(), elsewhere)
      .archive()
      .finally(() => elsewhere.destroy());

    expect(await idsIn('archived_runs_2019_02', org)).toEqual([last]);
    expect(await idsIn('archived_runs_2019_03', org)).toEqual([first]);
  });

  it('makes a partition once when many processes need it at the same time', async () => {
    const month = { partition: 'archived_runs_2017_01', from: '2017-01-01T00:00Z', to: '2017-02-01T00:00Z' };

    await Promise.all(Array.from({ length: 8 }, () => ensurePartition(database.dataSource, month)));

    expect(await idsIn(month.partition, 'nobody')).toEqual([]);
  });

  it('loses nothing when its process dies in the midst of a batch', async () => {
    const org = await newOrganization();
    await givenRun(org, `'2018-05-01T00:00:00Z'`);
    await archiver().archive();
    const ids = [
      await givenRun(org, `'2018-05-02T00:00:00Z'`),
      await givenRun(org, `'2018-05-03T00:00:00Z'`),
    ];

    await database.dataSource.transaction(async (blocker) => {
      await blocker.query('LOCK TABLE pipelines.archived_runs_2018_05 IN SHARE MODE');
      const cutOff = expect(archiveBatch(database.dataSource, AFTER_DAYS, 10)).rejects.toThrow(/terminat/);
      // The run has left the live table by then, and waits for its place in the archive.
      while ((await endWaitingForArchive()) === 0) await setImmediate();
      await cutOff;
    });
    expect(await idsIn('runs', org)).toEqual(ids.sort());

    await archiver().archive();
    expect(await idsIn('archived_runs', org)).toEqual(expect.arrayContaining(ids));
    expect(await idsIn('all_runs', org)).toHaveLength(3);
  });

  describe('leaves history as it was', () => {
    it.each([
      ['all runs', {}],
      ['failed runs', { status: 'failed' as const }],
    ])('for %s, old and young, live and archived', async (_what, filter) => {
      const org = await newOrganization();
      // Young ones; one that is older than every archived one, but has not ended; and one archived month in between.
      await givenEndedRuns(org, 20, 0);
      await givenRun(org, `now() - interval '400 days'`, 'NULL');
      await givenEndedRuns(org, 80);
      const before = await pages(org, { filter });

      await archiver().archive();

      expect(await idsIn('archived_runs', org)).toHaveLength(80);
      expect(await pages(org, { filter })).toEqual(before);
    });

    it('when a page of live runs has archived ones among them', async () => {
      const org = await newOrganization();
      await givenEndedRuns(org, 10);
      await archiver().archive();
      await givenEndedRuns(org, 1, 0);
      for (let run = 1; run <= 10; run++) await givenRun(org, `now() - interval '${300 + run} days'`, 'NULL');

      const found = (await pages(org)).flat();

      expect(found.map(({ status }) => status === 'running')).toEqual([
        ...Array.from({ length: 11 }, () => false),
        ...Array.from({ length: 10 }, () => true),
      ]);
    });

    it('when runs are archived between two pages', async () => {
      const org = await newOrganization();
      await givenEndedRuns(org, 40);
      const before = await pages(org);

      const during = await pages(org, {}, async () => {
        await archiveBatch(database.dataSource, AFTER_DAYS, 5);
      });

      expect(during).toEqual(before);
      expect((await idsIn('archived_runs', org)).length).toBeGreaterThan(20);
    });
  });

  it('answers for an archived run as for any other that has ended', async () => {
    const org = await newOrganization();
    const other = await newOrganization();
    const id = await givenRun(org, `now() - interval '91 days'`);
    const before = await history().get(org, id);

    await archiver().archive();

    expect({ ...(await history().get(org, id)) }).toEqual({ ...before });
    await expect(history().get(other, id)).rejects.toMatchObject({ code: 'run_not_found' });
    const cancellation = new RunCancellation(database.dataSource, new RunMetrics());
    await expect(cancellation.cancel(org, id)).rejects.toMatchObject({ code: 'run_ended' });
    await expect(cancellation.cancel(other, id)).rejects.toMatchObject({ code: 'run_not_found' });
  });
});
