import { request, type Agent, type IncomingHttpHeaders } from 'node:http';
import type { ServiceProcess } from '@pipelines/service-driver';
import { COSTS } from './cluster.ts';

/** What the service answers to a request to run. */
export interface RunAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: {
    readonly run_id?: string;
    readonly code?: string;
    readonly limit?: string;
    readonly allowed?: number;
    readonly used?: number;
    readonly resets_at?: string | null;
  };
}

/** What a request to run carries beside its key. */
export interface PostOptions {
  /** Holds the connections; without one each request has a connection of its own. */
  readonly agent?: Agent;
  readonly idempotencyKey?: string;
  /** Called once the process has read the head of the request; the body is sent only then. */
  readonly onRead?: () => void;
  /** UTC day to run for. */
  readonly date?: string;
}

/**
 * Asks an API process to run {@link COSTS} for an organization. `fetch` has no bound on its connections, and costs this
 * process more than the service needs to answer.
 * @throws Error of the connection when it ends before the answer does.
 */
export function postRun(
  { baseUrl }: ServiceProcess,
  org: string,
  key: string,
  { agent, idempotencyKey, onRead, date = '2026-01-05' }: PostOptions = {},
): Promise<RunAnswer> {
  const headers = {
    'x-api-key': key,
    ...(idempotencyKey !== undefined && { 'idempotency-key': idempotencyKey }),
    ...(onRead && { expect: '100-continue' }),
  };
  return new Promise((resolve, reject) => {
    const sent = request(
      `${baseUrl}/api/v1/pipelines/run/${org}/${COSTS}`,
      { agent: agent ?? false, method: 'POST', headers },
      (response) => {
        const parts: Buffer[] = [];
        response
          .on('data', (part: Buffer) => parts.push(part))
          .on('error', reject)
          .on('end', () => {
            const body = JSON.parse(Buffer.concat(parts).toString()) as RunAnswer['body'];
            resolve({ status: response.statusCode!, headers: response.headers, body });
          });
      },
    ).on('error', reject);
    const end = () => sent.end(JSON.stringify({ date }));
    if (onRead) sent.on('continue', () => (onRead(), end())).flushHeaders();
    else end();
  });
}
