import { once } from 'node:events';
import {
  createServer,
  request as open,
  type ClientRequest,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import type { HeldCommit } from './target-warehouse.ts';

/** Part of the request that starts a commit job. */
const COMMIT_JOB = /"jobId":\s*"pl_[\da-f-]+_commit_\d+"/;

/** What happens to a request that is kept back. */
class Hold {
  readonly taken = Promise.withResolvers<void>();
  readonly released = Promise.withResolvers<void>();
  readonly answered = Promise.withResolvers<void>();
}

/** The network between the workers and BigQuery. What it has taken from a worker arrives, even after the worker's death. */
export class BigQueryProxy {
  private readonly holds: Hold[] = [];
  private readonly server = createServer((request, response) => {
    // The sender may be dead by now.
    this.pass(request, response).catch(() => response.destroy());
  });

  private constructor(private readonly target: URL) {}

  /** Starts on a free port of 127.0.0.1, in front of the API at the URL. */
  static async start(target: string): Promise<BigQueryProxy> {
    const proxy = new BigQueryProxy(new URL(target));
    await once(proxy.server.listen(0, '127.0.0.1'), 'listening');
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Keeps back the next request that starts a commit job. */
  holdNextCommit(): HeldCommit {
    const hold = new Hold();
    this.holds.push(hold);
    return {
      begun: hold.taken.promise,
      release: () => {
        hold.released.resolve();
        return hold.answered.promise;
      },
    };
  }

  close(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  private async pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const answer = startsJob(request) ? await this.passJob(request) : await this.passStream(request);
    response.writeHead(answer.statusCode!, answer.headers);
    await pipeline(answer, response);
  }

  private async passStream(request: IncomingMessage): Promise<IncomingMessage> {
    const onward = this.openLike(request);
    const [answer] = await Promise.all([answerTo(onward), pipeline(request, onward)]);
    return answer;
  }

  private async passJob(request: IncomingMessage): Promise<IncomingMessage> {
    const body = await buffer(request);
    const hold = COMMIT_JOB.test(body.toString()) ? this.holds.shift() : undefined;
    hold?.taken.resolve();
    await hold?.released.promise;
    try {
      const answer = await answerTo(this.openLike(request).end(body));
      hold?.answered.resolve();
      return answer;
    } catch (error) {
      hold?.answered.reject(error);
      throw error;
    }
  }

  private openLike({ url, method, headers }: IncomingMessage): ClientRequest {
    return open(new URL(url!, this.target), { method, headers });
  }
}

/** An upload starts a job, too, but streams; its path has another beginning. */
function startsJob({ method, url }: IncomingMessage): boolean {
  return method === 'POST' && /^\/bigquery\/[^?]*\/jobs(\?|$)/.test(url!);
}

async function answerTo(request: ClientRequest): Promise<IncomingMessage> {
  const [answer] = (await once(request, 'response')) as [IncomingMessage];
  return answer;
}
