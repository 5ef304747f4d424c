import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { AddressInfo } from 'node:net';

/** A request as the fake provider received it. */
export interface FakeRequest {
  readonly method: string;
  /** Path and query as they were sent. */
  readonly url: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** What the fake provider does with a request; `hang` never answers, `reset` breaks the connection. */
export type FakeReply =
  | {
      readonly status?: number;
      readonly headers?: Readonly<Record<string, string>>;
      /** What is not a text is sent piece by piece, as fast as it is read. */
      readonly body: string | Uint8Array | Iterable<string>;
    }
  | 'hang'
  | 'reset';

/**
 * A provider's API on 127.0.0.1 for specs: it answers as the spec says, byte for byte, and remembers what it was asked.
 */
export class FakeProvider {
  readonly requests: FakeRequest[] = [];
  /** Answers the requests to come; replace it at any time. */
  answer: (request: FakeRequest) => FakeReply = () => ({ status: 404, body: '{}' });

  private constructor(private readonly server: Server) {}

  static async start(): Promise<FakeProvider> {
    const server = createServer();
    const fake = new FakeProvider(server);
    server.on('request', (request, response) => void fake.serve(request, response));
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    return fake;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Answers with these replies in turn, and with the last one for ever after. */
  answerInTurn(...replies: readonly FakeReply[]): void {
    let next = 0;
    this.answer = () => replies[Math.min(next++, replies.length - 1)]!;
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve));
    this.server.closeAllConnections();
    await closed;
  }

  private async serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(incoming.url!, this.url);
    const request: FakeRequest = {
      method: incoming.method!,
      url: incoming.url!,
      path: url.pathname,
      query: url.searchParams,
      headers: incoming.headers,
      body: await text(incoming),
    };
    this.requests.push(request);
    const reply = this.answer(request);
    if (reply === 'hang') return;
    if (reply === 'reset') {
      incoming.socket.destroy();
      return;
    }
    response.writeHead(reply.status ?? 200, { 'content-type': 'application/json', ...reply.headers });
    if (typeof reply.body === 'string' || reply.body instanceof Uint8Array) response.end(reply.body);
    else Readable.from(reply.body).pipe(response);
  }
}
