import { LeftOut, Secret, type ProcessorContext } from '@pipelines/pipeline';
import type { FakeReply, FakeRequest } from '@pipelines/pipeline/testing';
import type { OpenAiSecret } from '../openai.secret.ts';

export const ADMIN_KEY = 'of-no-known-shape+0123456789';

/** A page of daily buckets: `[day, the bucket's results as JSON text]`, so that digits stay as written. */
export function bucketPage(buckets: readonly (readonly [string, string])[], nextPage?: string): string {
  const data = buckets.map(([day, results]) => {
    const start = Date.parse(`${day}T00:00:00Z`) / 1000;
    return bucket(start, start + 86_400, results);
  });
  return page(data, nextPage);
}

/** A page of hourly buckets of one day, from the hour on. */
export function hourPage(
  day: string,
  firstHour: number,
  hours: readonly string[],
  nextPage?: string,
): string {
  const data = hours.map((results, index) => {
    const start = Date.parse(`${day}T00:00:00Z`) / 1000 + (firstHour + index) * 3_600;
    return bucket(start, start + 3_600, results);
  });
  return page(data, nextPage);
}

/** A page of a list of what has names, the items as JSON texts. */
export function listPage(items: readonly string[], lastId?: string): string {
  return `{"object":"list","data":[${items.join()}],"first_id":null,"last_id":${JSON.stringify(lastId ?? null)},"has_more":${lastId !== undefined}}`;
}

/** The page of a {@link bucketPage} with a cursor, as though no other followed. */
export function asLastPage(body: string): string {
  return body.replace(/"has_more":true,"next_page":"[^"]*"/, '"has_more":false,"next_page":null');
}

/** The page of a {@link bucketPage} with a cursor, which it still promises but does not name. */
export function withoutCursor(body: string): string {
  return body.replace(/"next_page":"[^"]*"/, '"next_page":null');
}

const PROJECTS = '/v1/organization/projects';

/** The lists of an organization with two projects, of which one is archived. */
const LISTS: Readonly<Record<string, string>> = {
  [PROJECTS]: listPage([
    '{"id":"proj_A1","object":"organization.project","name":"Assistant","archived_at":null,"status":"active"}',
    '{"id":"proj_B2","object":"organization.project","name":"Bygone","archived_at":1790000000,"status":"archived"}',
  ]),
  [`${PROJECTS}/proj_A1/api_keys`]: listPage([
    '{"id":"key_1","name":"production","owner":{"type":"user","user":{"id":"user-1","email":"ada@acme.example","name":"Ada"}}}',
    '{"id":"key_2","name":"batch","owner":{"type":"service_account","service_account":{"id":"user-sa","name":"nightly"}}}',
  ]),
  [`${PROJECTS}/proj_A1/service_accounts`]: listPage([
    '{"id":"user-sa","name":"nightly"}',
    '{"id":"user-sb","name":"unkeyed"}',
  ]),
  '/v1/organization/users': listPage(['{"id":"user-1","name":"Ada"}', '{"id":"user-2","name":null}']),
};

/** Whether the request asks for names. */
export function asksForNames({ path }: FakeRequest): boolean {
  return path.startsWith(PROJECTS) || path === '/v1/organization/users';
}

/** Answers the lists of names, and everything else by `pages`. */
export function withNames(pages: (request: FakeRequest) => FakeReply): (request: FakeRequest) => FakeReply {
  return (request) =>
    asksForNames(request)
      ? { status: LISTS[request.path] ? 200 : 404, body: LISTS[request.path] ?? '{}' }
      : pages(request);
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
  secret: Partial<OpenAiSecret> = {},
): ProcessorContext<TOptions, OpenAiSecret> {
  return {
    runId: '0199c0de-0000-7000-8000-000000000001',
    org: 'acme',
    window: { start, end },
    options,
    secret: new Secret({ api_key: ADMIN_KEY, ...secret }),
    credentialName: 'default',
    leftOut: new LeftOut('0199c0de-0000-7000-8000-000000000001'),
    signal: new AbortController().signal,
  };
}

function bucket(start: number, end: number, results: string): string {
  return `{"object":"bucket","start_time":${start},"end_time":${end},"new_field":{},"results":[${results}]}`;
}

function page(data: readonly string[], nextPage?: string): string {
  return `{"object":"page","data":[${data.join()}],"has_more":${nextPage !== undefined},"next_page":${JSON.stringify(nextPage ?? null)}}`;
}
