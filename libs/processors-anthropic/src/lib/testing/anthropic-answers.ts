import { LeftOut, Secret, type ProcessorContext } from '@pipelines/pipeline';
import type { FakeReply, FakeRequest } from '@pipelines/pipeline/testing';
import type { AnthropicSecret } from '../anthropic.secret.ts';

export const ADMIN_KEY = 'of-no-known-shape+0123456789';

/** A page of daily buckets: `[day, the bucket's results as JSON text]`, so that digits stay as written. */
export function bucketPage(buckets: readonly (readonly [string, string])[], nextPage?: string): string {
  const data = buckets.map(([day, results]) => bucket(Date.parse(`${day}T00:00:00Z`), 86_400_000, results));
  return page(data, nextPage);
}

/** A page of hourly buckets of one day, from the hour on. */
export function hourPage(
  day: string,
  firstHour: number,
  hours: readonly string[],
  nextPage?: string,
): string {
  const start = Date.parse(`${day}T00:00:00Z`);
  const data = hours.map((results, index) =>
    bucket(start + (firstHour + index) * 3_600_000, 3_600_000, results),
  );
  return page(data, nextPage);
}

/** A page of a list of what has names, the items as JSON texts. */
export function listPage(items: readonly string[], lastId?: string): string {
  return `{"data":[${items.join()}],"has_more":${lastId !== undefined},"first_id":null,"last_id":${JSON.stringify(lastId ?? null)}}`;
}

/** The page of a {@link bucketPage} with a cursor, as though no other followed. */
export function asLastPage(body: string): string {
  return body.replace(/"has_more":true,"next_page":"[^"]*"/, '"has_more":false,"next_page":null');
}

/** The page of a {@link bucketPage} with a cursor, which it still promises but does not name. */
export function withoutCursor(body: string): string {
  return body.replace(/"next_page":"[^"]*"/, '"next_page":null');
}

const ORGANIZATION = '{"id":"12345678-0000-4000-8000-000000000000","type":"organization","name":"Acme"}';
const LISTED = [
  '{"id":"wrkspc_1","name":"Assistant","archived_at":null}',
  '{"id":"wrkspc_2","name":"Bygone","archived_at":"2026-04-01T00:00:00Z"}',
];
const DEFAULT = '{"id":"wrkspc_0","name":"Default","archived_at":null}';
const KEYS = [
  '{"id":"apikey_1","name":"production","status":"active"}',
  '{"id":"apikey_2","name":"old","status":"archived"}',
];

/** Whether the request asks for names. */
export function asksForNames({ path }: FakeRequest): boolean {
  return /^\/v1\/organizations\/(me|workspaces|api_keys)$/.test(path);
}

/** Answers the lists of names, and everything else by `pages`. */
export function withNames(pages: (request: FakeRequest) => FakeReply): (request: FakeRequest) => FakeReply {
  return (request) => {
    if (request.path === '/v1/organizations/me') return { body: ORGANIZATION };
    if (request.path === '/v1/organizations/api_keys') return { body: listPage(KEYS) };
    if (request.path === '/v1/organizations/workspaces') {
      return { body: listPage(request.query.has('include_default') ? [DEFAULT, ...LISTED] : LISTED) };
    }
    return pages(request);
  };
}

/** Refuses the lists of names, as to a key without the permission, and answers everything else by `pages`. */
export function withoutNames(
  pages: (request: FakeRequest) => FakeReply,
): (request: FakeRequest) => FakeReply {
  return (request) => (asksForNames(request) ? { status: 403, body: '{}' } : pages(request));
}

/** Answers the lists of names, and pages in turn. */
export function inTurn(...bodies: readonly string[]): (request: FakeRequest) => FakeReply {
  let next = 0;
  return withNames(() => ({ body: bodies[Math.min(next++, bodies.length - 1)]! }));
}

/** The context of a run over `[start, end)`. */
export function contextOf<TOptions extends object>(
  [start, end]: readonly [string, string],
  options: TOptions,
): ProcessorContext<TOptions, AnthropicSecret> {
  return {
    runId: '0199c0de-0000-7000-8000-000000000001',
    org: 'acme',
    window: { start, end },
    options,
    secret: new Secret({ api_key: ADMIN_KEY }),
    credentialName: 'default',
    leftOut: new LeftOut('0199c0de-0000-7000-8000-000000000001'),
    signal: new AbortController().signal,
  };
}

function bucket(startMs: number, lengthMs: number, results: string): string {
  const iso = (ms: number): string => new Date(ms).toISOString().replace('.000Z', 'Z');
  return `{"starting_at":"${iso(startMs)}","ending_at":"${iso(startMs + lengthMs)}","new_field":1,"results":[${results}]}`;
}

function page(data: readonly string[], nextPage?: string): string {
  return `{"data":[${data.join()}],"has_more":${nextPage !== undefined},"next_page":${JSON.stringify(nextPage ?? null)}}`;
}
