import { Inject, Injectable } from '@nestjs/common';
import {
  addDays,
  daysBetween,
  JsonValue,
  ProviderHttpClient,
  startOfDay,
  toUtcDate,
  type ProcessorContext,
  type RunWindow,
  type UtcDate,
} from '@pipelines/pipeline';
import { MODULE_OPTIONS_TOKEN, type OpenAiProcessorsOptions } from './openai-processors.options.ts';
import type { OpenAiSecret } from './openai.secret.ts';

const PROVIDER = 'openai';

/** Some of the rows of one UTC day, still unread. */
export interface OpenAiResults {
  readonly day: UtcDate;
  readonly results: readonly JsonValue[];
}

/** What is asked of an endpoint that answers in daily buckets. */
export interface OpenAiBucketQuery {
  /** Path below the base URL: `organization/costs`. */
  readonly path: string;
  readonly window: RunWindow;
  readonly groupBy: readonly string[];
  /** Buckets in one page; it bounds memory, since a bucket may hold thousands of rows. */
  readonly pageDays: number;
}

/**
 * Reads OpenAI's organization API: costs and usage in buckets of one UTC day.
 * Facts: openai-openapi 2.3.0, `/organization/costs` and `/organization/usage/*`.
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
   * Walks the pages of the window and yields the results of each day, a large day in several parts. A day without
   * data is a bucket without results, so a walk that ends before every day was seen is incomplete, whatever the provider
   * says.
   *
   * @throws PipelineError `provider_response_invalid` for a repeated or missing cursor, a day twice, a day missing
   * or outside the window; otherwise as `ProviderHttpClient.requestJson`.
   */
  async *results(
    query: OpenAiBucketQuery,
    { secret, signal }: Pick<ProcessorContext<object, OpenAiSecret>, 'secret' | 'signal'>,
  ): AsyncGenerator<OpenAiResults> {
    const missing = daysOf(query.window);
    const cursors = new Set<string>();
    const url = this.firstPage(query);

    for (;;) {
      const answer = await this.http.requestJson({
        provider: PROVIDER,
        url,
        headers: { authorization: `Bearer ${secret.reveal().api_key}` },
        signal,
      });
      const page = new JsonValue(PROVIDER, answer);

      const buckets = page.get('data').items();
      const hasMore = page.get('has_more').boolean();
      if (hasMore && buckets.length === 0)
        throw page.get('data').invalid('a bucket at least, as more are promised');

      for (const bucket of buckets) {
        const start = bucket.get('start_time');
        const day = dayOf(start);
        if (!missing.delete(day))
          throw start.invalid(`a day of the window that no earlier bucket held, not ${day}`);
        signal.throwIfAborted();
        for (const results of resultsOf(bucket).slices()) yield { day, results };
      }

      if (!hasMore) {
        if (missing.size > 0)
          throw page.get('data').invalid(`complete: no bucket for ${[...missing].join(', ')}`);
        return;
      }
      const next = page.get('next_page');
      const cursor = next.text();
      if (cursors.has(cursor)) throw next.invalid('a cursor that was not given before');
      cursors.add(cursor);
      url.searchParams.set('page', cursor);
    }
  }

  private firstPage({ path, window, groupBy, pageDays }: OpenAiBucketQuery): URL {
    const url = new URL(`${this.baseUrl}/${path}`);
    const start = secondsOf(startOfDay(window.start));
    // An end_time in the future makes some queries fail, so that a window which includes today ends now.
    const end = Math.min(secondsOf(startOfDay(window.end)), Math.max(secondsOf(new Date()), start + 1));
    url.searchParams.set('start_time', String(start));
    url.searchParams.set('end_time', String(end));
    url.searchParams.set('bucket_width', '1d');
    url.searchParams.set('limit', String(pageDays));
    for (const dimension of groupBy) url.searchParams.append('group_by', dimension);
    return url;
  }
}

function daysOf(window: RunWindow): Set<UtcDate> {
  const days = Array.from({ length: daysBetween(window.start, window.end) }, (_, day) =>
    addDays(window.start, day),
  );
  return new Set(days);
}

function secondsOf(instant: Date): number {
  return Math.floor(instant.getTime() / 1000);
}

function dayOf(startTime: JsonValue): UtcDate {
  const seconds = Number(startTime.integer());
  if (seconds % 86_400 !== 0 || Math.abs(seconds) > 1e11) throw startTime.invalid('the start of a UTC day');
  return toUtcDate(new Date(seconds * 1000));
}

/** Older answers name the array `result`. */
function resultsOf(bucket: JsonValue): JsonValue {
  const results = bucket.get('results');
  const legacy = bucket.get('result');
  return results.isNull() && !legacy.isNull() ? legacy : results;
}
