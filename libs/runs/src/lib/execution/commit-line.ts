import { EventEmitter, once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { RUNS_OPTIONS, type RunsOptions } from '../runs.options.ts';
import { askForTurn, leaveLine, nextInLine, type Waiting } from './commit-turns.ts';

const LONGEST_POLL_FACTOR = 20;

/**
 * Lets the commits of one target follow one another, across processes, in the order in which they ask; other targets are
 * not held up. Nothing is locked while a commit takes place: the places are rows, which hold for as long as the attempt is
 * the newest of its run and has its lease.
 */
@Injectable()
export class CommitLine {
  private readonly logger = new Logger(CommitLine.name);
  /** Emits the line that one of this process leaves, so that the next one here need not wait for its poll. */
  private readonly left = new EventEmitter().setMaxListeners(0);
  private readonly firstPollMs: number;

  constructor(
    private readonly dataSource: DataSource,
    @Inject(RUNS_OPTIONS) { commitPollMs = 100 }: Pick<RunsOptions, 'commitPollMs'>,
  ) {
    this.firstPollMs = commitPollMs;
  }

  /**
   * Commits when it is the attempt's turn.
   * @param line Undefined when nobody has to wait.
   * @param signal Heeded while waiting only.
   */
  async commit<T>(
    line: string | undefined,
    waiting: Waiting,
    signal: AbortSignal,
    commit: () => Promise<T>,
  ): Promise<T> {
    if (line === undefined) return commit();
    try {
      await this.untilTurn(line, waiting, signal);
      return await commit();
    } finally {
      await this.leave(line, waiting);
    }
  }

  private async untilTurn(line: string, waiting: Waiting, signal: AbortSignal): Promise<void> {
    let asked = false;
    for (let factor = 1; ; factor = Math.min(factor * 1.5, LONGEST_POLL_FACTOR)) {
      signal.throwIfAborted();
      const next = await this.unlessAway(waiting, async () => {
        if (!asked) await askForTurn(this.dataSource, line, waiting);
        asked = true;
        return nextInLine(this.dataSource, line);
      });
      if (next?.runId === waiting.runId && next.number === waiting.number) return;
      if (factor === 1) {
        this.logger.debug(`Run ${waiting.runId} waits to commit to ${line}, behind run ${next?.runId}.`);
      }
      await this.pause(line, this.firstPollMs * factor, signal);
    }
  }

  /** While the database is away, it is nobody's turn; what was staged is not given up for that. */
  private async unlessAway<T>(waiting: Waiting, look: () => Promise<T>): Promise<T | undefined> {
    try {
      return await look();
    } catch (error) {
      this.logger.warn({ msg: `Run ${waiting.runId}: its turn to commit was not read.`, err: error });
      return undefined;
    }
  }

  private async pause(line: string, milliseconds: number, signal: AbortSignal): Promise<void> {
    const over = new AbortController();
    const either = { signal: AbortSignal.any([signal, over.signal]) };
    const [time, turn] = [delay(milliseconds, undefined, either), once(this.left, line, either)];
    await Promise.race([time, turn]).catch(() => signal.throwIfAborted());
    over.abort();
  }

  /** A place that is left behind is passed over from the end of the attempt on, and removed by the healer. */
  private async leave(line: string, waiting: Waiting): Promise<void> {
    try {
      await leaveLine(this.dataSource, waiting);
    } catch (error) {
      this.logger.warn({
        msg: `Run ${waiting.runId}: its place in the line to commit was left.`,
        err: error,
      });
    }
    this.left.emit(line);
  }
}
