import { setTimeout as delay } from 'node:timers/promises';
import { type ApiAnswer, type RunStatus, until } from '@pipelines/service-driver';
import type { Random } from '../random.ts';
import { COSTS, type Cluster } from './cluster.ts';

/** A caller that asks more often takes the machine from the processes that are to start. */
const POLL_MS = 250;
const PROGRESS_DEADLINE_MS = 30_000;

/** Who asks for what. */
export interface TrafficOptions {
  /** Organizations by slug, each with its key. */
  readonly organizations: ReadonlyMap<string, string>;
  /** UTC days to run for. */
  readonly dates: readonly string[];
  /** Callers, each of which waits for its run to end before it asks for the next. */
  readonly callers: number;
  /** One run in so many is cancelled right after it was accepted. Default: none. */
  readonly cancelsOneIn?: number;
}

/**
 * Callers as they ought to be: each request carries an Idempotency-Key, and one whose answer did not come, or was 503,
 * is sent again with the same key to any process that runs, until there is an answer.
 */
export class Traffic {
  /** Ids of the runs that a caller was told of. */
  readonly accepted = new Set<string>();
  /** Requests that had to be sent again, because the connection broke or the answer was 503. */
  repeated = 0;
  /** Requests to run whose first answer was lost after the run was admitted. */
  replayed = 0;
  refused = 0;
  /** Answers that were 503. */
  unavailable = 0;
  /** The longest that any caller waited for a 503. */
  slowest503Ms = 0;
  private answers = 0;
  private requests = 0;
  private stopping = false;
  private readonly callers: Promise<unknown>;

  constructor(
    private readonly cluster: Cluster,
    private readonly options: TrafficOptions,
    random: Random,
  ) {
    this.callers = Promise.all(Array.from({ length: options.callers }, () => this.call(random.fork())));
    // stop() tells it; until then it is not unhandled.
    this.callers.catch(() => undefined);
  }

  /** Waits until the service has given so many more answers. */
  async untilAnswered(more: number): Promise<void> {
    const goal = this.answers + more;
    await until('the service answers its callers', PROGRESS_DEADLINE_MS, () => this.answers >= goal);
  }

  /**
   * Lets every caller finish the request it is at.
   * @throws Error for an answer that no caller should ever get.
   */
  async stop(): Promise<void> {
    this.stopping = true;
    await this.callers;
  }

  private async call(random: Random): Promise<void> {
    const { organizations, dates, cancelsOneIn } = this.options;
    while (!this.stopping) {
      const [org, key] = random.pick([...organizations]);
      const runId = await this.startRun(random, org, key, random.pick(dates));
      if (runId === undefined) continue;
      if (cancelsOneIn !== undefined && random.oneIn(cancelsOneIn)) {
        await this.send(random, key, 'POST', `pipelines/cancel/${org}/${runId}`);
      }
      await this.untilEnded(random, org, key, runId);
    }
  }

  private async startRun(
    random: Random,
    org: string,
    key: string,
    date: string,
  ): Promise<string | undefined> {
    const headers = { 'idempotency-key': `request-${++this.requests}` };
    const { status, body } = await this.send<{ run_id: string }>(
      random,
      key,
      'POST',
      `pipelines/run/${org}/${COSTS}`,
      { date },
      headers,
    );
    if (status === 429) {
      this.refused++;
      await delay(POLL_MS);
      return undefined;
    }
    if (status === 200) this.replayed++;
    else if (status !== 202) throw new Error(`A run was answered ${status}: ${JSON.stringify(body)}`);
    this.accepted.add(body.run_id);
    return body.run_id;
  }

  private async untilEnded(random: Random, org: string, key: string, runId: string): Promise<void> {
    while (!this.stopping) {
      const answer = await this.send<RunStatus>(random, key, 'GET', `pipelines/status/${org}/${runId}`);
      if (answer.status !== 200) throw new Error(`Run ${runId} was answered ${answer.status}.`);
      if (answer.body.status === 'completed' || answer.body.status === 'failed') return;
      await delay(POLL_MS);
    }
  }

  /** The first answer that is not "later". */
  private async send<T>(random: Random, key: string, ...request: Request): Promise<ApiAnswer<T>> {
    while (!this.cluster.closed) {
      const startedAt = performance.now();
      const answer = await this.sendOnce<T>(random, key, request);
      if (answer && answer.status !== 503) {
        this.answers++;
        return answer;
      }
      if (answer) this.noteUnavailable(answer, performance.now() - startedAt);
      this.repeated++;
      await delay(POLL_MS);
    }
    throw new Error('The cluster was closed under its callers.');
  }

  private noteUnavailable({ headers }: ApiAnswer<unknown>, waitedMs: number): void {
    if (!(Number(headers.get('retry-after')) > 0)) throw new Error('A 503 came without Retry-After.');
    this.unavailable++;
    this.slowest503Ms = Math.max(this.slowest503Ms, waitedMs);
  }

  /** Undefined when no process runs, or it went away before it answered. */
  private async sendOnce<T>(
    random: Random,
    key: string,
    request: Request,
  ): Promise<ApiAnswer<T> | undefined> {
    const { apis } = this.cluster;
    if (apis.length === 0) return undefined;
    try {
      return await this.cluster.client(key, random.pick(apis)).send<T>(...request);
    } catch {
      return undefined;
    }
  }
}

type Request = [method: string, path: string, body?: object, headers?: Record<string, string>];
