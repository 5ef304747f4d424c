import { randomUUIDv7 } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { ofOneClock, PipelineError, type Watermarks } from '@pipelines/pipeline';
import { counterOf, givenOrganization, UNLIMITED, unfinishedRuns } from '../../testing/test-organization.ts';
import { TEST_RECEIPT } from '../../testing/test-receipt.ts';
import { TEST_START } from '../../testing/test-start.ts';
import { useRunDatabase } from '../../testing/use-run-database.ts';
import { admitRun } from '../admission/admit-run.ts';
import { readWatermarks } from '../execution/read-watermarks.ts';
import { recordProof, renewLease, startRunning, waitAgain, type Attempt } from '../execution/attempt.ts';
import type { RunProof } from '../run.entity.ts';
import { settleCompleted, settleFailed } from './settle-run.ts';
import { healRuns } from './stale-runs.ts';

const PROOF: RunProof = {
  target: { dataset: 'acme_dev', table: 'openai_costs', writeDisposition: 'replace_partitions' },
  rows: { extracted: 3, staged: 3 },
  money: { extracted: [], staged: [] },
  stage: { bytesStaged: 0, bytesProcessed: 0, jobIds: [] },
};
const ERROR = new PipelineError('provider_unavailable', 'openai answered with a server error (HTTP 500).');

describe('the end of a run', () => {
  const database = useRunDatabase();
  let organizations = 0;

  /** An admitted run of an organization of its own, claimed by a first attempt. */
  async function givenAttempt(): Promise<Attempt> {
    const org = `org_${++organizations}`;
    const plan = await givenOrganization(database.dataSource, org);
    const runId = randomUUIDv7();
    const window = { start: '2026-11-01', end: '2026-11-02' };
    await admitRun(
      database.dataSource,
      { runId, org, provider: 'openai', domain: 'cost', pipeline: 'costs_daily', window },
      plan,
    );
    return (await database.claim())!;
  }

  /** Makes the queue offer the run's job to another worker, as it does when a worker falls silent. */
  const offerAgain = ({ runId }: Attempt) =>
    database.dataSource.query(`UPDATE pgboss.job SET state = 'retry' WHERE id = $1`, [runId]);

  async function loseWorker(attempt: Attempt): Promise<Attempt> {
    await offerAgain(attempt);
    return (await database.claim())!;
  }

  const start = (attempt: Attempt) => startRunning(database.dataSource, attempt, TEST_START);
  const complete = (attempt: Attempt) => settleCompleted(database.dataSource, attempt, TEST_RECEIPT);
  const fail = (attempt: Attempt) => settleFailed(database.dataSource, attempt, ERROR, 2);
  const statusOf = async ({ runId }: Attempt) => {
    const [row] = await database.dataSource.query<{ status: string }[]>(
      'SELECT status FROM pipelines.runs WHERE id = $1',
      [runId],
    );
    return row!.status;
  };

  const jobStateOf = async ({ runId }: Attempt) => {
    const [job] = await database.dataSource.query<{ state: string }[]>(
      'SELECT state FROM pgboss.job WHERE id = $1',
      [runId],
    );
    return job!.state;
  };

  it('completes a running run once and frees its slot once', async () => {
    const attempt = await givenAttempt();
    await start(attempt);

    const settled = await Promise.all([complete(attempt), complete(attempt), fail(attempt)]);

    expect(settled.filter(Boolean)).toHaveLength(1);
    const counter = await counterOf(database.dataSource, attempt.org);
    expect(counter.concurrent).toBe(0);
    expect(counter.completed + counter.failed).toBe(1);
  });

  it("ends the run's job with it, and leaves the job of a newer attempt alone", async () => {
    const stale = await givenAttempt();
    await start(stale);
    const newest = await loseWorker(stale);
    await start(newest);

    expect(await complete(stale)).toBe(false);
    expect(await jobStateOf(stale)).toBe('active');
    expect(await complete(newest)).toBe(true);
    expect(await jobStateOf(newest)).toBe('completed');
  });

  it('does not complete a run that never ran', async () => {
    const attempt = await givenAttempt();

    expect(await complete(attempt)).toBe(false);
    expect(await statusOf(attempt)).toBe('validating');
    expect(await counterOf(database.dataSource, attempt.org)).toMatchObject({ concurrent: 1, completed: 0 });
  });

  it('fails a run from validating and from running', async () => {
    const validating = await givenAttempt();
    const running = await givenAttempt();
    await start(running);

    expect(await fail(validating)).toBe(true);
    expect(await fail(running)).toBe(true);

    expect(await statusOf(validating)).toBe('failed');
    expect(await counterOf(database.dataSource, running.org)).toMatchObject({ concurrent: 0, failed: 1 });
  });

  it('refuses every write of an attempt that was taken over', async () => {
    const stale = await givenAttempt();
    await start(stale);
    const newest = await loseWorker(stale);

    expect(newest).toMatchObject({ number: 2, lostAttempts: 1, retries: 0 });
    expect(await renewLease(database.dataSource, stale, 10)).toBe('lost');
    expect(await start(stale)).toBe(false);
    expect(await complete(stale)).toBe(false);
    expect(await fail(stale)).toBe(false);
    expect(await recordProof(database.dataSource, stale, PROOF)).toBe(false);
    expect(await waitAgain(database.dataSource, stale, 'retry_backoff', 0)).toBe(false);
    expect(await statusOf(stale)).toBe('validating');

    await start(newest);
    expect(await complete(newest)).toBe(true);
    expect(await counterOf(database.dataSource, stale.org)).toMatchObject({
      concurrent: 0,
      completed: 1,
      failed: 0,
    });
  });

  it('gives no attempt at a run that has ended, also when its job was offered to another worker before', async () => {
    const attempt = await givenAttempt();
    await offerAgain(attempt);

    await fail(attempt);

    expect(await jobStateOf(attempt)).toBe('completed');
    expect(await database.claim()).toBeUndefined();
  });

  it('claims no job that outlived its run, and takes it out of the queue when healing', async () => {
    const attempt = await givenAttempt();
    await start(attempt);
    await complete(attempt);
    await offerAgain(attempt);

    expect(await database.claim()).toBeUndefined();
    expect(await jobStateOf(attempt)).toBe('retry');

    expect(await healRuns(database.dataSource)).toMatchObject({ failed: [], withdrawn: [attempt.runId] });
    expect(await jobStateOf(attempt)).toBe('cancelled');
  });

  it.each([
    ['worker_stopped', 0],
    ['retry_backoff', 1],
  ] as const)('keeps the slot of a run that waits again because of %s', async (reason, retries) => {
    const attempt = await givenAttempt();
    await start(attempt);
    await recordProof(database.dataSource, attempt, PROOF);

    expect(await waitAgain(database.dataSource, attempt, reason, 0)).toBe(true);

    expect(await statusOf(attempt)).toBe('pending');
    expect(await counterOf(database.dataSource, attempt.org)).toMatchObject({ concurrent: 1 });
    expect(await database.claim()).toMatchObject({ number: 2, lostAttempts: 0, retries, proof: PROOF });
  });

  it('does not offer a run before its time to be tried again', async () => {
    const attempt = await givenAttempt();

    await waitAgain(database.dataSource, attempt, 'retry_backoff', 3_600_000);

    expect(await database.claim()).toBeUndefined();
    const [run] = await database.dataSource.query<{ minutes: number }[]>(
      'SELECT extract(epoch FROM next_attempt_at - now())::int / 60 AS minutes FROM pipelines.runs WHERE id = $1',
      [attempt.runId],
    );
    expect(run!.minutes).toBeGreaterThanOrEqual(58);
  });

  it('heals runs without a job in every organization, once, and no other run', async () => {
    const lost = [await givenAttempt(), await givenAttempt()];
    const alive = await givenAttempt();
    const away = await givenAttempt();
    const committing = await givenAttempt();
    await startRunning(database.dataSource, committing, TEST_START);
    await recordProof(database.dataSource, committing, PROOF);
    const waiting = await givenAttempt();
    await waitAgain(database.dataSource, waiting, 'worker_stopped', 0);
    for (const { runId } of [...lost, away, committing]) {
      await database.dataSource.query(
        `UPDATE pipelines.runs SET lease_expires_at = now() - interval '1 hour' WHERE id = $1`,
        [runId],
      );
    }
    const jobless = [...lost, committing, waiting].map(({ runId }) => runId);
    await database.dataSource.query('DELETE FROM pgboss.job WHERE id = ANY($1)', [jobless]);

    const rounds = await Promise.all([healRuns(database.dataSource), healRuns(database.dataSource)]);

    expect(rounds.flatMap(({ failed }) => failed).sort()).toEqual(lost.map(({ runId }) => runId).sort());
    const requeued = rounds.flatMap((round) => round.requeued);
    expect(requeued.sort()).toEqual([committing.runId, waiting.runId].sort());
    expect(await statusOf(committing)).toBe('running');
    expect(await statusOf(alive)).toBe('validating');
    expect(await statusOf(away)).toBe('validating');
    for (const { org } of lost) {
      expect(await counterOf(database.dataSource, org)).toMatchObject({ concurrent: 0, failed: 1 });
      expect(await unfinishedRuns(database.dataSource, org)).toBe(0);
    }
    const claimed = [await database.claim(), await database.claim()];
    expect(claimed.map((attempt) => attempt!.runId).sort()).toEqual(requeued);
  });

  describe('of an incremental pipeline', () => {
    const AT_ONE = '2026-11-01T00:00:00.000001Z';
    const AT_TWO = '2026-11-01T00:00:00.000002Z';
    const AT_THREE = '2026-11-01T00:00:00.000003Z';
    const SCOPE = {
      dataset: 'acme_dev',
      table: 'costs',
      place: {},
      sources: [{ dataset: 'billing', table: 'export' }],
    };

    /** Another run of the same organization's pipeline. */
    async function anotherAttempt({ org }: Attempt): Promise<Attempt> {
      const path = { provider: 'openai', domain: 'cost', pipeline: 'costs_daily' };
      const window = { start: '2026-11-01', end: '2026-11-02' };
      const plan = { ...UNLIMITED, org };
      await admitRun(database.dataSource, { runId: randomUUIDv7(), org, window, ...path }, plan);
      return (await database.claim())!;
    }

    /** Begins at the watermark that is known, and has proven to reach another. */
    async function reach(
      attempt: Attempt,
      scope: object = SCOPE,
    ): Promise<(reached?: string | Watermarks) => Promise<boolean>> {
      await start(attempt);
      const { watermarks: since, revision } = await readWatermarks(database.dataSource, attempt, scope);
      return async (reached) => {
        const told = typeof reached === 'object' ? { watermarks: reached } : { watermark: reached };
        const increment = { scope, since, revision };
        await recordProof(database.dataSource, attempt, { ...PROOF, ...told, increment });
        return settleCompleted(database.dataSource, attempt, { ...TEST_RECEIPT, ...told });
      };
    }

    const knownByClock = async (attempt: Attempt, scope: object = SCOPE) =>
      (await readWatermarks(database.dataSource, attempt, scope)).watermarks;
    const known = async (attempt: Attempt, scope: object = SCOPE) =>
      ofOneClock(await knownByClock(attempt, scope));

    it('moves the watermark with the completion, to the microsecond', async () => {
      const attempt = await givenAttempt();
      const settle = await reach(attempt);
      expect(await known(attempt)).toBeUndefined();

      await settle(AT_ONE);

      expect(await known(attempt)).toBe(AT_ONE);
      const next = await anotherAttempt(attempt);
      await (
        await reach(next)
      )(AT_TWO);
      expect(await known(attempt)).toBe(AT_TWO);
    });

    it('leaves it where a run failed, or an attempt is no longer the newest', async () => {
      const attempt = await givenAttempt();
      await (
        await reach(attempt)
      )(AT_ONE);
      const failing = await anotherAttempt(attempt);
      await reach(failing);
      await fail(failing);
      const stale = await anotherAttempt(attempt);
      const settle = await reach(stale);
      await loseWorker(stale);

      expect(await settle(AT_THREE)).toBe(false);

      expect(await known(attempt)).toBe(AT_ONE);
    });

    it('leaves it where a run has seen nothing, as it was or without one', async () => {
      const attempt = await givenAttempt();
      await (
        await reach(attempt)
      )(undefined);

      expect(await known(attempt)).toBeUndefined();
    });

    it.each([
      ['the later one first', [AT_THREE, AT_TWO]],
      ['the earlier one first', [AT_TWO, AT_THREE]],
    ])('takes the lesser of two runs that began from the same, %s', async (_order, reached) => {
      const attempt = await givenAttempt();
      await (
        await reach(attempt)
      )(AT_ONE);
      const first = await reach(await anotherAttempt(attempt));
      const second = await reach(await anotherAttempt(attempt));

      await first(reached[0]);
      await second(reached[1]);

      expect(await known(attempt)).toBe(AT_TWO);
    });

    it('takes the lesser of two first runs, too', async () => {
      const attempt = await givenAttempt();
      const first = await reach(attempt);
      const second = await reach(await anotherAttempt(attempt));

      await first(AT_TWO);
      await second(AT_THREE);

      expect(await known(attempt)).toBe(AT_TWO);
    });

    it('takes the lesser, too, where the other run has loaded nothing newer, for it may have put days back', async () => {
      const attempt = await givenAttempt();
      await (
        await reach(attempt)
      )(AT_ONE);
      const first = await reach(await anotherAttempt(attempt));
      const second = await reach(await anotherAttempt(attempt));

      await first(AT_ONE);
      await second(AT_TWO);

      expect(await known(attempt)).toBe(AT_ONE);
    });

    it('keeps a watermark of each clock, and of one that has seen nothing newer the one it had', async () => {
      const attempt = await givenAttempt();
      await (
        await reach(attempt)
      )({ a: AT_TWO, b: AT_ONE });
      expect(await knownByClock(attempt)).toEqual({ a: AT_TWO, b: AT_ONE });

      await (
        await reach(await anotherAttempt(attempt))
      )({ a: AT_THREE, b: AT_ONE, c: AT_TWO });

      expect(await knownByClock(attempt)).toEqual({ a: AT_THREE, b: AT_ONE, c: AT_TWO });
    });

    it.each([
      ['as they began', [0, 1]],
      ['the other way round', [1, 0]],
    ] as const)(
      'takes the lesser of each clock of two runs at once, and none that one has not seen, settled %s',
      async (_order, [former, latter]) => {
        const attempt = await givenAttempt();
        await (
          await reach(attempt)
        )({ a: AT_ONE, b: AT_ONE });
        const settle = [
          await reach(await anotherAttempt(attempt)),
          await reach(await anotherAttempt(attempt)),
        ];
        const reached: Watermarks[] = [
          { a: AT_THREE, b: AT_TWO, c: AT_ONE },
          { a: AT_TWO, b: AT_THREE },
        ];

        await settle[former]!(reached[former]);
        await settle[latter]!(reached[latter]);

        expect(await knownByClock(attempt)).toEqual({ a: AT_TWO, b: AT_TWO });
      },
    );

    it('knows none for another target or other sources, and begins anew with them', async () => {
      const attempt = await givenAttempt();
      await (
        await reach(attempt)
      )(AT_THREE);
      const moved = { ...SCOPE, place: { location: 'EU' } };
      expect(await known(attempt, moved)).toBeUndefined();

      await (
        await reach(await anotherAttempt(attempt), moved)
      )(AT_ONE);

      expect(await known(attempt, moved)).toBe(AT_ONE);
      expect(await known(attempt)).toBeUndefined();
    });
  });
});
