import type { FastifyInstance } from 'fastify';

/**
 * Gives the requests that are open when the server closes this long to end, and cuts them off then, so that a client
 * that never finishes cannot hold the process up. Nest closes the server once the runs have drained, however long
 * that takes.
 */
export function cutOffConnections(fastify: FastifyInstance, graceMs: number): void {
  fastify.addHook('preClose', (done) => {
    setTimeout(() => fastify.server.closeAllConnections(), graceMs).unref();
    done();
  });
}
