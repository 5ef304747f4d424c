import type { ProcessorContext } from '@pipelines/pipeline';
import { Secret } from '@pipelines/pipeline';
import type { OpenAiSecret } from '../openai.secret.ts';

export const ADMIN_KEY = 'sk-admin-0123456789abcdef';

/** A page of daily buckets: `[day, the bucket's results as JSON text]`, so that digits stay as written. */
export function bucketPage(buckets: readonly (readonly [string, string])[], nextPage?: string): string {
  const data = buckets.map(([day, results]) => {
    const start = Date.parse(`${day}T00:00:00Z`) / 1000;
    return `{"object":"bucket","start_time":${start},"end_time":${start + 86_400},"new_field":{},"results":[${results}]}`;
  });
  return `{"object":"page","data":[${data.join()}],"has_more":${nextPage !== undefined},"next_page":${JSON.stringify(nextPage ?? null)}}`;
}

/** The page of a {@link bucketPage} with a cursor, as though no other followed. */
export function asLastPage(body: string): string {
  return body.replace(/"has_more":true,"next_page":"[^"]*"/, '"has_more":false,"next_page":null');
}

/** The page of a {@link bucketPage} with a cursor, which it still promises but does not name. */
export function withoutCursor(body: string): string {
  return body.replace(/"next_page":"[^"]*"/, '"next_page":null');
}

/** The context of a run over `[start, end)`. */
export function contextOf<TOptions extends object>(
  [start, end]: readonly [string, string],
  options: TOptions,
): ProcessorContext<TOptions, OpenAiSecret> {
  return {
    runId: '0199c0de-0000-7000-8000-000000000001',
    org: 'acme',
    window: { start, end },
    options,
    secret: new Secret({ api_key: ADMIN_KEY }),
    signal: new AbortController().signal,
  };
}
