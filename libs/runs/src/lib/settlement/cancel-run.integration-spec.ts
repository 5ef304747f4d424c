import { randomUUIDv7 } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { PipelineError } from '@pipelines/pipeline';
import { counterOf, givenOrganization, unfinishedRuns } from '../../testing/test-organization.ts';
import { TEST_PROOF } from '../../testing/test-proof.ts';
import { TEST_RECEIPT } from '../../testing/test-receipt.ts';
import { TEST_START } from '../../testing/test-start.ts';
import { useRunDatabase } from '../../testing/use-run-database.ts';
import { admitRun } from '../admission/admit-run.ts';
import { recordProof, renewLease, startRunning, waitAgain } from '../execution/attempt.ts';
import { cancelRun } from './cancel-run.ts';
import { settleCompleted, settleFailed } from './settle-run.ts';

describe('cancelRun', () => {
  const database = useRunDatabase();
  let organizations = 0;

  async function givenRun(): Promise<{ org: string; runId: string }> {
    const org = `org_${++organizations}`;
    const plan = await givenOrganization(database.dataSource, org);
    const runId = randomUUIDv7();
    const window = { start: '2026-11-01', end: '2026-11-02' };
    const path = { provider: 'openai', domain: 'cost', pipeline: 'costs_daily' };
    await admitRun(database.dataSource, { runId, org, window, ...path }, plan);
    return { org, runId };
  }

  const cancel = ({ org, runId }: { org: string; runId: string }) =>
    cancelRun(database.dataSource, org, runId);

  it('fails a waiting run at once, frees its slot and withdraws its job', async () => {
    const run = await givenRun();

    expect(await cancel(run)).toBe('cancelled');

    const [row] = await database.dataSource.query<unknown[]>(
      'SELECT status, error_code, finished_at IS NOT NULL AS finished FROM pipelines.runs WHERE id = $1',
      [run.runId],
    );
    expect(row).toEqual({ status: 'failed', error_code: 'cancelled', finished: true });
    expect(await counterOf(database.dataSource, run.org)).toMatchObject({
      concurrent: 0,
      failed: 1,
      daily: 1,
    });
    expect(await database.claim()).toBeUndefined();
    expect(await cancel(run)).toBe('ended');
  });

  it('tells the worker of a run under way, which keeps its slot until the worker has stopped', async () => {
    const run = await givenRun();
    const attempt = (await database.claim())!;
    expect(await renewLease(database.dataSource, attempt, 0)).toBe('held');

    expect(await cancel(run)).toBe('requested');

    expect(await renewLease(database.dataSource, attempt, 0)).toBe('cancel_requested');
    expect(await counterOf(database.dataSource, run.org)).toMatchObject({ concurrent: 1 });
    await settleFailed(database.dataSource, attempt, new PipelineError('cancelled', 'cancelled'), 0);
    expect(await counterOf(database.dataSource, run.org)).toMatchObject({ concurrent: 0, daily: 1 });
  });

  it('does not fail a waiting run that may have committed, but brings it to a worker at once', async () => {
    const run = await givenRun();
    const attempt = (await database.claim())!;
    await startRunning(database.dataSource, attempt, TEST_START);
    await recordProof(database.dataSource, attempt, TEST_PROOF);
    await waitAgain(database.dataSource, attempt, 'retry_backoff', 60_000);
    expect(await database.claim()).toBeUndefined();

    expect(await cancel(run)).toBe('requested');

    const [row] = await database.dataSource.query<unknown[]>(
      'SELECT status, reason, finished_at, next_attempt_at FROM pipelines.runs WHERE id = $1',
      [run.runId],
    );
    expect(row).toEqual({
      status: 'pending',
      reason: 'retry_backoff',
      finished_at: null,
      next_attempt_at: null,
    });
    expect(await counterOf(database.dataSource, run.org)).toMatchObject({ concurrent: 1, failed: 0 });
    expect(await database.claim()).toMatchObject({ proof: TEST_PROOF, cancelRequested: true });
    await cancelRun(database.dataSource, run.org, run.runId);
  });

  it('knows nothing of the runs of another organization', async () => {
    const { runId } = await givenRun();
    const { org } = await givenRun();

    expect(await cancel({ org, runId })).toBe('unknown');
  });

  it('races claims and completions without freeing a slot twice or losing a state', async () => {
    for (let round = 0; round < 60; round++) {
      const run = await givenRun();
      const work = async () => {
        const attempt = await database.claim();
        if (attempt && (await startRunning(database.dataSource, attempt, TEST_START))) {
          await settleCompleted(database.dataSource, attempt, TEST_RECEIPT);
        }
      };

      await Promise.all([work(), cancel(run)]);
      await work();

      expect(await unfinishedRuns(database.dataSource, run.org)).toBe(0);
      const counter = await counterOf(database.dataSource, run.org);
      expect(counter.concurrent).toBe(0);
      expect(counter.completed + counter.failed).toBe(1);
    }
  });

  it.each([
    ['internal_error', 0],
    ['worker_lost', 0],
    ['credential_missing', 1],
    ['provider_unavailable', 1],
    ['cancelled', 1],
  ] as const)('a run that failed with %s leaves %d on the daily count', async (code, daily) => {
    const { org } = await givenRun();
    const attempt = (await database.claim())!;

    await settleFailed(database.dataSource, attempt, new PipelineError(code, 'x'), 0);

    expect(await counterOf(database.dataSource, org)).toMatchObject({ daily, monthly: daily, concurrent: 0 });
  });

  it('gives no unit back to a day that was not the one it was counted on', async () => {
    const { org } = await givenRun();
    const attempt = (await database.claim())!;
    await database.dataSource.query(
      `UPDATE pipelines.usage_counters SET day = day + 40, daily_count = 5, monthly_count = 5 WHERE org_slug = $1`,
      [org],
    );

    await settleFailed(database.dataSource, attempt, new PipelineError('internal_error', 'x'), 0);

    expect(await counterOf(database.dataSource, org)).toMatchObject({ daily: 5, monthly: 5, concurrent: 0 });
  });
});
