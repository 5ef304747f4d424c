import { Inject, Injectable } from '@nestjs/common';
import {
  askGrouped,
  JsonValue,
  pageAfterAll,
  PageCursors,
  ProviderHttpClient,
  type ProviderAccess,
  type ProviderReading,
  type RunWindow,
  type WantedDimensions,
  windowParts,
} from '@pipelines/pipeline';
import {
  bucketsIn,
  MissingBuckets,
  resultsOf,
  spanOf,
  type BucketWidth,
  type OpenAiBucket,
} from './openai-buckets.ts';
import { MODULE_OPTIONS_TOKEN, type OpenAiProcessorsOptions } from './openai-processors.options.ts';
import type { OpenAiSecret } from './openai.secret.ts';

const PROVIDER = 'openai';

/** What is asked of an endpoint that answers in buckets. */
export interface OpenAiBucketQuery extends WantedDimensions {
  /** Path below the base URL: `organization/costs`. */
  readonly path: string;
  readonly window: RunWindow;
  /** Default `1d`. */
  readonly bucketWidth?: BucketWidth;
  /** Days in one page; it bounds memory, since a bucket may hold thousands of rows. */
  readonly pageDays: number;
}

/** What is asked of an endpoint that lists what has a name. */
export interface OpenAiListQuery {
  /** Path below the base URL: `organization/projects`. */
  readonly path: string;
  readonly parameters?: Readonly<Record<string, string>>;
}

/** The part of a run's context that a request needs. */
export type OpenAiAccess = ProviderAccess<OpenAiSecret>;

/** The part of it that reading needs which may do without something. */
export type OpenAiReading = ProviderReading<OpenAiSecret>;

/** The API's maximum. */
const ITEMS_PER_PAGE = '100';

/**
 * Reads OpenAI's organization API: costs and usage in buckets of a UTC day or an hour, and the lists that name ids.
 * Facts: openai-openapi 2.3.0, `/organization/costs`, `/organization/usage/*`, `/organization/projects` and below.
 */
@Injectable()
export class OpenAiClient {
  private readonly baseUrl: string;

  constructor(
    @Inject(MODULE_OPTIONS_TOKEN) { baseUrl }: OpenAiProcessorsOptions,
    private readonly http: ProviderHttpClient,
  ) {
    this.baseUrl = baseUrl.replace(/\/+$/, '');
  }

  /**
   * Walks the pages of the window, part by part, and yields the results of each bucket, a large bucket in several slices. A
   * day without data is a bucket without results, so a walk that ends before every bucket was seen is incomplete, whatever
   * the provider says, and one that has seen them all is complete, even if more is promised and then refused. A dimension
   * that is optional and refused is left out of a whole part. While a page is worked on, the next one is fetched, so that
   * two are in memory at most.
   *
   * @throws PipelineError `provider_response_invalid` for a repeated or missing cursor, a page without buckets that promises
   * more, a bucket twice, missing or outside the window; otherwise as `ProviderHttpClient.requestJson`.
   */
  async *buckets(query: OpenAiBucketQuery, access: OpenAiReading): AsyncGenerator<OpenAiBucket> {
    for (const window of windowParts(query.window)) {
      yield* this.walk({ ...query, window }, access);
    }
  }

  private async *walk(query: OpenAiBucketQuery, access: OpenAiReading): AsyncGenerator<OpenAiBucket> {
    const { path, window, bucketWidth = '1d', pageDays } = query;
    const span = spanOf(window, new Date());
    const missing = new MissingBuckets(span, bucketWidth);
    const cursors = new PageCursors();
    const url = new URL(`${this.baseUrl}/${path}`);
    url.searchParams.set('start_time', String(span.start));
    url.searchParams.set('end_time', String(span.end));
    url.searchParams.set('bucket_width', bucketWidth);
    url.searchParams.set('limit', String(bucketsIn(pageDays, bucketWidth)));
    const first = await askGrouped(query, access, (groupBy, bounds) =>
      this.request(grouped(url, groupBy), { ...access, ...bounds }),
    );
    const pageUrl = grouped(url, first.groupBy);

    const left = new AbortController();
    const signal = AbortSignal.any([access.signal, left.signal]);
    const ask = () => this.request(new URL(pageUrl), { ...access, signal });
    try {
      let asked: Promise<JsonValue | undefined> | undefined;
      for (let page: JsonValue | undefined = first.answer; page; page = await asked) {
        const [data, nextPage] = [page.get('data'), page.get('next_page')];
        const buckets = data
          .items()
          .map((bucket) => ({ bucket, times: missing.take(bucket.get('start_time')) }));
        const absent = missing.describe();
        asked = undefined;
        if (page.get('has_more').boolean()) {
          const cursor = absent ? cursors.next(nextPage, data) : cursors.nextAfterAll(nextPage, data);
          if (cursor !== undefined) {
            pageUrl.searchParams.set('page', cursor);
            asked = absent ? ask() : pageAfterAll(ask());
            // Its failure counts when its turn has come.
            asked.catch(() => undefined);
          }
        }

        for (const { bucket, times } of buckets) {
          access.signal.throwIfAborted();
          for (const results of resultsOf(bucket).slices()) yield { ...times, results };
        }
        if (!asked && absent) throw data.invalid(`complete: no bucket for ${absent}`);
      }
    } finally {
      // Nobody waits for a page any more.
      left.abort();
    }
  }

  /**
   * Yields the items of each page of a list.
   * @throws PipelineError as {@link buckets}.
   */
  async *pages(
    { path, parameters = {} }: OpenAiListQuery,
    access: OpenAiAccess,
  ): AsyncGenerator<readonly JsonValue[]> {
    const cursors = new PageCursors();
    const url = new URL(`${this.baseUrl}/${path}`);
    url.searchParams.set('limit', ITEMS_PER_PAGE);
    for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);

    for (;;) {
      const page = await this.request(url, access);
      yield page.get('data').items();
      if (!page.get('has_more').boolean()) return;
      url.searchParams.set('after', cursors.next(page.get('last_id'), page.get('data')));
    }
  }

  private async request(url: URL, access: OpenAiAccess): Promise<JsonValue> {
    const answer = await this.http.requestJson({
      provider: PROVIDER,
      url,
      headers: { authorization: `Bearer ${access.secret.reveal().api_key}` },
      access,
    });
    return new JsonValue(PROVIDER, answer);
  }
}

function grouped(url: URL, groupBy: readonly string[]): URL {
  const all = new URL(url);
  for (const dimension of groupBy) all.searchParams.append('group_by', dimension);
  return all;
}
