import type { FastifyInstance } from 'fastify';
import { pathOf } from './fault-hooks.ts';
import { FAULT_KINDS, type Fault, type Faults } from './faults.ts';

const MAX_LOGGED_REQUESTS = 10_000;

/** A request that a provider's API received. Headers are left out, since they hold the credential. */
interface LoggedRequest {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  /** Of the answer; absent as long as there is none. */
  status?: number;
}

const FAULT_SCHEMA = {
  type: 'object',
  required: ['path', 'kind'],
  additionalProperties: false,
  properties: {
    path: { type: 'string', pattern: '^/' },
    query: { type: 'string' },
    kind: { enum: FAULT_KINDS },
    status: { type: 'integer', minimum: 400, maximum: 599 },
    retry_after: { type: 'number', minimum: 0 },
    reset_after: { type: 'number' },
    after_requests: { type: 'integer', minimum: 0 },
    times: { type: 'integer', minimum: 1 },
  },
};

/** `/_sandbox/faults` and `/_sandbox/requests`: what a test does to the sandbox and learns from it. */
export function addControlRoutes(app: FastifyInstance, faults: Faults): void {
  const log: LoggedRequest[] = [];
  const logged = new WeakMap<object, LoggedRequest>();

  app.addHook('onRequest', async (request) => {
    const path = pathOf(request);
    if (path.startsWith('/_sandbox/')) return;
    const entry = { method: request.method, path, query: request.url.slice(path.length + 1) };
    log.push(entry);
    logged.set(request, entry);
    if (log.length > MAX_LOGGED_REQUESTS) log.shift();
  });

  app.addHook('onSend', async (request, reply) => {
    const entry = logged.get(request);
    if (entry) entry.status = reply.statusCode;
  });

  app.post<{ Body: Fault }>(
    '/_sandbox/faults',
    { schema: { body: FAULT_SCHEMA } },
    async (request, reply) => {
      faults.add(request.body);
      return reply.status(201).send(request.body);
    },
  );
  app.delete('/_sandbox/faults', async (_request, reply) => {
    faults.clear();
    return reply.status(204).send();
  });
  app.get('/_sandbox/requests', async () => ({ requests: log }));
}
