import { randomUUIDv7 } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { addDays, PipelineError, type UtcDate } from '@pipelines/pipeline';
import fc from 'fast-check';
import { counterOf, givenOrganization } from '../testing/test-organization.ts';
import { TEST_RECEIPT } from '../testing/test-receipt.ts';
import { TEST_START } from '../testing/test-start.ts';
import { useRunDatabase, type RunDatabase } from '../testing/use-run-database.ts';
import { admitRun } from './admission/admit-run.ts';
import { archiveBatch } from './archive/archive-runs.ts';
import { startRunning, waitAgain, type Attempt } from './execution/attempt.ts';
import { askForTurn, leaveLine, nextInLine, removeLeftTurns } from './execution/commit-turns.ts';
import { cancelRun } from './settlement/cancel-run.ts';
import { settleCompleted, settleFailed } from './settlement/settle-run.ts';
import { healRuns } from './settlement/stale-runs.ts';

const LIMITS = { dailyLimit: 6, monthlyLimit: 9, concurrentLimit: 3 };
const LINE = 'acme-project.acme_dev.openai_costs';
/** Days before the ends of months and years, and one with neither near. */
const FIRST_DAY = fc.constantFrom('2026-01-30', '2026-06-10', '2026-12-30', '2027-02-27', '2028-02-27');
/** What can happen to an organization's runs; the number chooses among the attempts at hand. */
const STEP = fc.record({
  what: fc.constantFrom(
    'admit',
    'admit',
    'admit',
    'claim',
    'claim',
    'start',
    'complete',
    'complete',
    'fail',
    'fail by our fault',
    'wait again',
    'ask for a turn',
    'leave the line',
    'lose worker',
    'lose job',
    'cancel',
    'heal',
    'archive',
    'next day',
  ),
  which: fc.nat(20),
});

describe('the invariants of runs', () => {
  const database = useRunDatabase();
  let organizations = 0;

  it('hold after every step of any sequence', async () => {
    await fc.assert(
      fc.asyncProperty(FIRST_DAY, fc.array(STEP, { minLength: 5, maxLength: 40 }), async (today, steps) => {
        await database.dataSource.query('DELETE FROM pgboss.job');
        const world = new World(database, `org_${++organizations}`, today);
        await world.begin();
        for (const { what, which } of steps) {
          await world.take(what, which);
          await world.check(what);
        }
      }),
      { numRuns: 60 },
    );
  }, 120_000);
});

interface CheckedRun {
  readonly id: string;
  readonly status: string;
  readonly refunded: boolean;
  readonly today: boolean;
  readonly this_month: boolean;
}

/** One organization, its runs, and every attempt that a worker has ever held, stale ones among them. */
class World {
  private readonly runs: string[] = [];
  private readonly attempts: Attempt[] = [];
  private readonly ended = new Map<string, string>();
  private plan!: Awaited<ReturnType<typeof givenOrganization>>;

  constructor(
    private readonly database: RunDatabase,
    private readonly org: string,
    private today: UtcDate,
  ) {}

  async begin(): Promise<void> {
    await this.database.setClock(this.today);
    this.plan = await givenOrganization(this.database.dataSource, this.org, LIMITS);
  }

  async take(what: string, which: number): Promise<void> {
    const { dataSource } = this.database;
    const attempt = this.attempts[which % Math.max(1, this.attempts.length)];
    const runId = this.runs[which % Math.max(1, this.runs.length)];
    switch (what) {
      case 'admit':
        return this.admit();
      case 'claim':
        return this.claim();
      case 'heal':
        await dataSource.query(
          `UPDATE pipelines.runs SET lease_expires_at = now() - interval '1 hour' WHERE lease_expires_at IS NOT NULL`,
        );
        await healRuns(dataSource);
        await removeLeftTurns(dataSource);
        return;
      case 'archive':
        await dataSource.query(
          `UPDATE pipelines.runs SET finished_at = now() - interval '2 days' WHERE finished_at IS NOT NULL`,
        );
        await archiveBatch(dataSource, 1, 100);
        return;
      case 'next day':
        this.today = addDays(this.today, 1);
        return this.database.setClock(this.today);
      case 'lose worker':
        await dataSource.query(`UPDATE pgboss.job SET state = 'retry' WHERE state = 'active' AND id = $1`, [
          runId,
        ]);
        return;
      case 'lose job':
        await dataSource.query('DELETE FROM pgboss.job WHERE id = $1', [runId]);
        return;
      case 'cancel':
        if (runId) await cancelRun(dataSource, this.org, runId);
        return;
    }
    if (!attempt) return;
    if (what === 'start') await startRunning(dataSource, attempt, TEST_START);
    if (what === 'complete') await settleCompleted(dataSource, attempt, TEST_RECEIPT);
    if (what === 'fail')
      await settleFailed(dataSource, attempt, new PipelineError('provider_unavailable', 'x'), 0);
    if (what === 'fail by our fault') {
      await settleFailed(dataSource, attempt, new PipelineError('internal_error', 'x'), 0);
    }
    if (what === 'ask for a turn') await askForTurn(dataSource, LINE, attempt);
    if (what === 'leave the line') await leaveLine(dataSource, attempt);
    if (what === 'wait again') await waitAgain(dataSource, attempt, 'retry_backoff', 0);
  }

  async check(what: string): Promise<void> {
    const rows = await this.database.dataSource.query<CheckedRun[]>(
      `SELECT id, status, refunded, counted_on = day AS today,
         date_trunc('month', counted_on) = date_trunc('month', day) AS this_month
       FROM pipelines.all_runs JOIN pipelines.usage_counters USING (org_slug) WHERE org_slug = $1`,
      [this.org],
    );
    const counter = await counterOf(this.database.dataSource, this.org);
    const unfinished = rows.filter(({ status }) => !['completed', 'failed'].includes(status));
    const context = `after "${what}"`;

    expect([context, counter.concurrent]).toEqual([context, unfinished.length]);
    expect([context, counter.concurrent <= LIMITS.concurrentLimit]).toEqual([context, true]);
    expect([context, counter.daily <= LIMITS.dailyLimit, counter.monthly <= LIMITS.monthlyLimit]).toEqual([
      context,
      true,
      true,
    ]);
    expect([context, counter.completed + counter.failed]).toEqual([context, rows.length - unfinished.length]);
    const countedToday = rows.filter(({ today, refunded }) => today && !refunded).length;
    expect([context, counter.daily]).toEqual([context, countedToday]);
    const countedThisMonth = rows.filter(({ this_month, refunded }) => this_month && !refunded).length;
    expect([context, counter.monthly]).toEqual([context, countedThisMonth]);
    await this.checkLine(context, what === 'heal');
    for (const { id, status } of rows) {
      const before = this.ended.get(id);
      if (before !== undefined) expect([context, status]).toEqual([context, before]);
      if (status === 'completed' || status === 'failed') this.ended.set(id, status);
    }
  }

  /** It is nobody's turn whose run has another attempt or has ended, and healing leaves no place behind. */
  private async checkLine(context: string, healed: boolean): Promise<void> {
    const { dataSource } = this.database;
    const turns = await dataSource.query<{ run_id: string; attempt: number; at_work: boolean }[]>(
      `SELECT run_id, turn.attempt, runs.attempt = turn.attempt AND status IN ('validating', 'running') AS at_work
       FROM pipelines.commit_turns AS turn JOIN pipelines.runs ON runs.id = run_id ORDER BY place`,
    );
    const next = await nextInLine(dataSource, LINE);
    if (next) {
      expect([context, turns.find(({ at_work }) => at_work)]).toEqual([
        context,
        { run_id: next.runId, attempt: next.number, at_work: true },
      ]);
    }
    if (healed) expect([context, turns.filter(({ at_work }) => !at_work)]).toEqual([context, []]);
  }

  private async admit(): Promise<void> {
    const runId = randomUUIDv7();
    const window = { start: '2026-01-05', end: '2026-01-06' };
    const path = { provider: 'openai', domain: 'cost', pipeline: 'costs_daily' };
    const { admitted } = await admitRun(
      this.database.dataSource,
      { runId, org: this.org, window, ...path },
      this.plan,
    );
    if (admitted) this.runs.push(runId);
  }

  private async claim(): Promise<void> {
    const attempt = await this.database.claim();
    if (attempt) this.attempts.push(attempt);
  }
}
