import { createReadStream } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { AddressInfo } from 'node:net';
import { costsPage, daysOf } from './costs-page.ts';

/**
 * OpenAI's costs API in a process of its own. Arguments: rows per day, and the directory of recorded pages, if pages
 * are to come from there instead of being made. Tells its parent the URL.
 */
const [rowsPerDay, recorded] = process.argv.slice(2);

const server = createServer((request, response) => {
  answer(request, response).catch(() => response.destroy());
});
// A worker may take longer with a page than the five seconds of the default.
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => {
  process.send!(`http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`);
});
process.once('disconnect', () => process.exit());

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname, searchParams: query } = new URL(request.url!, 'http://127.0.0.1');
  if (!pathname.endsWith('/organization/costs')) {
    response.writeHead(404).end('{}');
    return;
  }
  response.writeHead(200, { 'content-type': 'application/json' });
  await pipeline(
    recorded === undefined ? made(query) : createReadStream(join(recorded, pageName(query))),
    response,
  );
}

function made(query: URLSearchParams): Readable {
  const [start, end] = ['start_time', 'end_time'].map((name) => dayAt(Number(query.get(name))));
  const limit = Number(query.get('limit'));
  const page = Number(query.get('page') ?? 0);
  const days = daysOf(start!, end!);
  const until = (page + 1) * limit;
  return Readable.from(
    costsPage({
      days: days.slice(page * limit, until),
      rowsPerDay: Number(rowsPerDay),
      next: until < days.length ? String(page + 1) : undefined,
    }),
  );
}

/** Recorded pages are those of one walk. */
function pageName(query: URLSearchParams): string {
  return `page-${query.get('page') ?? 0}.json`;
}

function dayAt(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, 10);
}
