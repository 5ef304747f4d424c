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
  type UtcDate,
  type WantedDimensions,
  windowParts,
} from '@pipelines/pipeline';
import {
  bucketsIn,
  isoOf,
  SeenBuckets,
  spanOf,
  type AnthropicBucket,
  type BucketWidth,
} from './anthropic-buckets.ts';
import { MODULE_OPTIONS_TOKEN, type AnthropicProcessorsOptions } from './anthropic-processors.options.ts';
import type { AnthropicSecret } from './anthropic.secret.ts';

const PROVIDER = 'anthropic';
const API_VERSION = '2023-06-01';

/** What is asked of a report that answers in buckets. */
export interface AnthropicBucketQuery extends WantedDimensions {
  /** Path below the version: `organizations/cost_report`. */
  readonly path: string;
  readonly window: RunWindow;
  /** Day to ask from when it lies before the window; buckets before the window are left out. */
  readonly from?: UtcDate;
  /** Default `1d`. */
  readonly bucketWidth?: BucketWidth;
  /** Days in one page; it bounds memory, since a bucket may hold thousands of rows. */
  readonly pageDays: number;
}

/** What is asked of an endpoint that lists what has a name. */
export interface AnthropicListQuery {
  /** Path below the version: `organizations/workspaces`. */
  readonly path: string;
  readonly parameters?: Readonly<Record<string, string>>;
}

/** The part of a run's context that a request needs. */
export type AnthropicAccess = ProviderAccess<AnthropicSecret>;

/** The part of it that reading needs which may do without something. */
export type AnthropicReading = ProviderReading<AnthropicSecret>;

type PartQuery = Omit<AnthropicBucketQuery, 'from'>;

const ITEMS_PER_PAGE = '100';

/**
 * Reads Anthropic's Admin API: the usage and cost reports in buckets of a UTC day or an hour, and the lists that name ids.
 * Facts: Admin API reference, `/v1/organizations/usage_report/messages`, `/cost_report`, `/workspaces`, `/api_keys`, `/me`.
 */
@Injectable()
export class AnthropicClient {
  private readonly baseUrl: string;

  constructor(
    @Inject(MODULE_OPTIONS_TOKEN) { baseUrl }: AnthropicProcessorsOptions,
    private readonly http: ProviderHttpClient,
  ) {
    this.baseUrl = `${baseUrl.replace(/\/+$/, '').replace(/\/v1$/, '')}/v1`;
  }

  /**
   * Walks the pages of the window, part by part, and yields the results of each bucket, a large bucket in several slices.
   * A walk that has seen every bucket is complete, even if more is promised and then refused. A dimension that is optional
   * and refused is left out of a whole part.
   *
   * @throws PipelineError `provider_response_invalid` for a repeated or missing cursor, a page without buckets that promises
   * more, a bucket twice or outside the window; otherwise as `ProviderHttpClient.requestJson`.
   */
  async *buckets(query: AnthropicBucketQuery, access: AnthropicReading): AsyncGenerator<AnthropicBucket> {
    const { window, from = window.start } = query;
    for (const part of windowParts({ start: from, end: window.end })) {
      for await (const bucket of this.walk({ ...query, window: part }, access)) {
        if (bucket.day >= window.start) yield bucket;
      }
    }
  }

  private async *walk(query: PartQuery, access: AnthropicReading): AsyncGenerator<AnthropicBucket> {
    const { path, window, bucketWidth = '1d', pageDays } = query;
    const span = spanOf(window, new Date());
    const seen = new SeenBuckets(span, bucketWidth);
    const cursors = new PageCursors();
    const url = new URL(`${this.baseUrl}/${path}`);
    url.searchParams.set('starting_at', isoOf(span.start));
    url.searchParams.set('ending_at', isoOf(span.end));
    url.searchParams.set('bucket_width', bucketWidth);
    url.searchParams.set('limit', String(bucketsIn(pageDays, bucketWidth)));
    const first = await askGrouped(query, access, (groupBy, bounds) =>
      this.request(grouped(url, groupBy), { ...access, ...bounds }),
    );
    const pageUrl = grouped(url, first.groupBy);

    let page: JsonValue | undefined = first.answer;
    while (page) {
      const [data, nextPage] = [page.get('data'), page.get('next_page')];
      const hasMore = page.get('has_more').boolean();

      for (const bucket of data.items()) {
        const times = seen.add(bucket.get('starting_at'));
        access.signal.throwIfAborted();
        for (const results of bucket.get('results').slices())
          yield { ...times, results, groupBy: first.groupBy };
      }

      if (!hasMore) return;
      const { sawAll } = seen;
      const cursor = sawAll ? cursors.nextAfterAll(nextPage, data) : cursors.next(nextPage, data);
      if (cursor === undefined) return;
      pageUrl.searchParams.set('page', cursor);
      const asked = this.request(pageUrl, access);
      page = await (sawAll ? pageAfterAll(asked) : asked);
    }
  }

  /**
   * Yields the items of each page of a list.
   * @throws PipelineError as {@link buckets}.
   */
  async *pages(
    { path, parameters = {} }: AnthropicListQuery,
    access: AnthropicAccess,
  ): AsyncGenerator<readonly JsonValue[]> {
    const cursors = new PageCursors();
    const url = new URL(`${this.baseUrl}/${path}`);
    url.searchParams.set('limit', ITEMS_PER_PAGE);
    for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);

    for (;;) {
      const page = await this.request(url, access);
      yield page.get('data').items();
      if (!page.get('has_more').boolean()) return;
      url.searchParams.set('after_id', cursors.next(page.get('last_id'), page.get('data')));
    }
  }

  /**
   * The organization that the key belongs to.
   * @throws PipelineError as `ProviderHttpClient.requestJson`.
   */
  async organization(access: AnthropicAccess): Promise<JsonValue> {
    return this.request(new URL(`${this.baseUrl}/organizations/me`), access);
  }

  private async request(url: URL, access: AnthropicAccess): Promise<JsonValue> {
    const answer = await this.http.requestJson({
      provider: PROVIDER,
      url,
      headers: { 'x-api-key': access.secret.reveal().api_key, 'anthropic-version': API_VERSION },
      access,
    });
    return new JsonValue(PROVIDER, answer);
  }
}

function grouped(url: URL, groupBy: readonly string[]): URL {
  const all = new URL(url);
  for (const dimension of groupBy) all.searchParams.append('group_by[]', dimension);
  return all;
}
