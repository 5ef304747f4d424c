import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Fault, Faults } from './faults.ts';
import { limitHeaders } from './limit-headers.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** The fault that befalls this request. */
    fault?: Fault;
  }
}

/** Injects the armed faults into the requests; pages look at `request.fault` for the faults of cursors. */
export function injectFaults(app: FastifyInstance, faults: Faults): void {
  app.decorateRequest('fault', undefined);

  app.addHook('onRequest', async (request, reply) => {
    const path = pathOf(request);
    request.fault = faults.next(path, request.url.slice(path.length + 1));
    return befall(request, reply);
  });

  app.addHook('onSend', async (request, _reply, payload) =>
    typeof payload === 'string' ? corrupt(payload, request.fault) : payload,
  );
}

function corrupt(payload: string, fault: Fault | undefined): string {
  if (fault?.kind === 'truncate') return payload.slice(0, Math.ceil(payload.length / 2));
  return fault?.kind === 'repeat_row' ? repeatFirstRow(payload) : payload;
}

/** The page, whose first row its bucket tells twice. */
function repeatFirstRow(payload: string): string {
  const page = JSON.parse(payload) as { readonly data: readonly { readonly results: unknown[] }[] };
  const bucket = page.data.find(({ results }) => results.length > 0);
  bucket?.results.push(bucket.results[0]);
  return JSON.stringify(page);
}

/** The path of the request without its query. */
export function pathOf(request: FastifyRequest): string {
  return request.url.split('?', 1)[0]!;
}

async function befall(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> {
  switch (request.fault?.kind) {
    case 'hang':
      return reply.hijack();
    case 'reset':
      reply.hijack();
      request.raw.socket.destroy();
      return reply;
    case 'html':
      return reply.type('text/html').send('<html><body><h1>502 Bad Gateway</h1></body></html>');
    case 'status': {
      const { status = 500, retry_after, reset_after } = request.fault;
      if (retry_after !== undefined) reply.header('retry-after', retry_after);
      if (reset_after !== undefined) reply.headers(limitHeaders(pathOf(request), reset_after, new Date()));
      const type = status === 429 ? 'rate_limit_error' : 'server_error';
      return reply.status(status).send({ error: { message: 'Injected by the sandbox.', type } });
    }
    default:
      return undefined;
  }
}
