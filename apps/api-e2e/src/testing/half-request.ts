import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import type { ServiceProcess } from '@pipelines/service-driver';

export interface RawAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/** A request of which the service has read the beginning, and waits for the rest. */
export class HalfRequest {
  private constructor(private readonly socket: Socket) {}

  /** @param line Method and path. */
  static async send({ baseUrl }: ServiceProcess, line: string, key: string): Promise<HalfRequest> {
    const { hostname, port } = new URL(baseUrl);
    const socket = connect(Number(port), hostname);
    await once(socket, 'connect');
    socket.write(`${line} HTTP/1.1\r\nhost: ${hostname}\r\nx-api-key: ${key}\r\n`);
    return new HalfRequest(socket);
  }

  /** Sends the rest. */
  async answer(): Promise<RawAnswer> {
    this.socket.write('content-length: 0\r\nconnection: close\r\n\r\n');
    const [head, body] = (await text(this.socket)).split('\r\n\r\n');
    const [status, ...fields] = head!.split('\r\n');
    return {
      status: Number(status!.split(' ')[1]),
      headers: Object.fromEntries(fields.map((field) => field.toLowerCase().split(': '))),
      body: JSON.parse(body!),
    };
  }
}
