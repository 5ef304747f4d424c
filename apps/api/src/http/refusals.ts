import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { PipelineError } from '@pipelines/pipeline';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { sendProblem } from './send-problem.ts';

/** Answers what the router refuses before it looks for a handler: a path that does not decode, or a long segment. */
export function refusePath(_error: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
  sendProblem(
    new PipelineError(
      'invalid_path_segment',
      'A segment of the path is too long, or holds a % that does not begin an escape such as %20.',
    ),
    request,
    reply,
  );
}

const UNREADABLE: Readonly<Record<string, { status: number; detail: string }>> = {
  ERR_HTTP_REQUEST_TIMEOUT: { status: 408, detail: 'The request did not arrive in time.' },
  HPE_HEADER_OVERFLOW: { status: 431, detail: 'The request line and headers are larger than 16 KiB.' },
};

/** Answers what Node cannot read as a request at all; there is no request then, and so no code of ours. */
export function refuseUnreadable({ code = '' }: { code?: string }, socket: Socket): void {
  if (code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const { status, detail } = UNREADABLE[code] ?? { status: 400, detail: 'This is not an HTTP request.' };
  const body = JSON.stringify({ type: 'about:blank', title: STATUS_CODES[status], status, detail });
  socket.end(
    [
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
      'Content-Type: application/problem+json',
      `Content-Length: ${Buffer.byteLength(body)}`,
      'Connection: close',
      '',
      body,
    ].join('\r\n'),
    () => socket.destroy(),
  );
}
