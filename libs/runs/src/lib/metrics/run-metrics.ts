import { Injectable } from '@nestjs/common';
import { PipelineError, type ErrorCode } from '@pipelines/pipeline';
import { Counter, Histogram, Registry } from 'prom-client';

const ATTEMPT_WRITES = ['start', 'progress', 'proof', 'settle', 'release'] as const;

/** A write of an attempt, which is refused once the attempt is no longer the run's newest. */
type AttemptWrite = (typeof ATTEMPT_WRITES)[number];

const WAIT_BUCKETS_S = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1_800, 7_200];
const RUN_BUCKETS_S = [0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1_800, 3_600, 14_400];

/** What this process has done with runs, in Prometheus' terms. No label names an organization. */
@Injectable()
export class RunMetrics {
  /** Holds these metrics alone; whoever serves them puts it together with others. */
  readonly registry = new Registry();

  private readonly staleWrites = new Counter({
    name: 'pipelines_stale_writes_refused_total',
    help: 'Writes of an attempt that were refused because a newer attempt had replaced it, or its run had ended.',
    labelNames: ['write'],
    registers: [this.registry],
  });
  private readonly admissions = new Counter({
    name: 'pipelines_admissions_total',
    help: 'Runs asked for: admitted, replayed (the run of an earlier request), or the code of the refusal.',
    labelNames: ['outcome'],
    registers: [this.registry],
  });
  private readonly ended = new Counter({
    name: 'pipelines_runs_ended_total',
    help: 'Runs that this process ended; the code is that of the error, empty for a completed run.',
    labelNames: ['status', 'code'],
    registers: [this.registry],
  });
  private readonly archived = new Counter({
    name: 'pipelines_runs_archived_total',
    help: 'Ended runs that this process moved to the archive.',
    registers: [this.registry],
  });
  private readonly leftovers = new Counter({
    name: 'pipelines_leftover_staging_removed_total',
    help: 'Staging areas of lost attempts that this process removed from the warehouse.',
    registers: [this.registry],
  });
  private readonly queueWait = new Histogram({
    name: 'pipelines_queue_wait_seconds',
    help: 'From the admission of a run to its first claim by a worker.',
    buckets: WAIT_BUCKETS_S,
    registers: [this.registry],
  });
  private readonly duration = new Histogram({
    name: 'pipelines_run_seconds',
    help: 'From the admission of a run to its end by a worker, retries and their delays included.',
    buckets: RUN_BUCKETS_S,
    registers: [this.registry],
  });

  constructor() {
    // A rate needs the zero that comes before the first.
    for (const write of ATTEMPT_WRITES) this.staleWrites.inc({ write }, 0);
  }

  /** Counts a write that was refused, and passes on whether it was accepted. */
  written(write: AttemptWrite, accepted: boolean): boolean {
    if (!accepted) this.staleWrites.inc({ write });
    return accepted;
  }

  /** Counts how the admission ends, and passes that on. */
  async countAdmission<T extends { readonly replayed: boolean }>(admission: Promise<T>): Promise<T> {
    try {
      const admitted = await admission;
      this.admissions.inc({ outcome: admitted.replayed ? 'replayed' : 'admitted' });
      return admitted;
    } catch (error) {
      this.admissions.inc({ outcome: error instanceof PipelineError ? error.code : 'internal_error' });
      throw error;
    }
  }

  /** @param admittedAt On the monotonic clock of this process, in milliseconds. */
  runClaimed({ number, admittedAt }: { readonly number: number; readonly admittedAt: number }): void {
    if (number === 1) this.queueWait.observe(secondsSince(admittedAt));
  }

  /** A worker of this process ended the run, completed unless there is an error's code; or was refused to. */
  runSettled(accepted: boolean, { admittedAt }: { readonly admittedAt: number }, code?: ErrorCode): boolean {
    if (!this.written('settle', accepted)) return false;
    this.ended.inc({ status: code === undefined ? 'completed' : 'failed', code: code ?? '' });
    this.duration.observe(secondsSince(admittedAt));
    return true;
  }

  /** Runs ended that no worker had: cancelled while they waited, or given up as lost. */
  runsFailed(code: ErrorCode, runs: number): void {
    if (runs > 0) this.ended.inc({ status: 'failed', code }, runs);
  }

  /** What a lost attempt had staged is gone. */
  leftoverRemoved(): void {
    this.leftovers.inc();
  }

  /** Ended runs went to the archive. */
  runsArchived(runs: number): void {
    this.archived.inc(runs);
  }
}

function secondsSince(monotonicMs: number): number {
  return (performance.now() - monotonicMs) / 1000;
}
