import { startOfDay, toUtcDate, type JsonValue, type RunWindow, type UtcDate } from '@pipelines/pipeline';

const HOUR_SECONDS = 3_600;
const DAY_SECONDS = 24 * HOUR_SECONDS;
const SHOWN_BUCKETS = 5;

/** Length of a bucket. */
export type BucketWidth = '1d' | '1h';

/** Some of the rows of one bucket, still unread. */
export interface OpenAiBucket {
  /** UTC day that the bucket lies in. */
  readonly day: UtcDate;
  /** Start of the bucket, ISO 8601 in UTC. */
  readonly start: string;
  readonly results: readonly JsonValue[];
}

/** The times that a query states: Unix seconds, the end exclusive. */
export interface BucketSpan {
  readonly start: number;
  readonly end: number;
}

/** The span of the window. It ends now at the latest, since an `end_time` in the future makes some queries fail. */
export function spanOf(window: RunWindow, now: Date): BucketSpan {
  const start = secondsOf(startOfDay(window.start));
  return { start, end: Math.min(secondsOf(startOfDay(window.end)), Math.max(secondsOf(now), start + 1)) };
}

/** Buckets of a width in so many days. */
export function bucketsIn(days: number, width: BucketWidth): number {
  return (days * DAY_SECONDS) / widthSeconds(width);
}

/** The buckets of a span that have not been seen yet; every one of them has to come, an empty one too. */
export class MissingBuckets {
  private readonly starts = new Set<number>();

  constructor(
    { start, end }: BucketSpan,
    private readonly width: BucketWidth,
  ) {
    for (let at = start; at < end; at += widthSeconds(width)) this.starts.add(at);
  }

  /**
   * Takes the bucket off the list.
   * @param startTime The bucket's `start_time`.
   * @throws PipelineError `provider_response_invalid` when it starts no bucket, lies outside the span, or came before.
   */
  take(startTime: JsonValue): Omit<OpenAiBucket, 'results'> {
    const seconds = Number(startTime.integer());
    const [start, bucket] = this.width === '1d' ? ['a UTC day', 'a day'] : ['an hour', 'an hour'];
    if (seconds % widthSeconds(this.width) !== 0 || Math.abs(seconds) > 1e11) {
      throw startTime.invalid(`the start of ${start}`);
    }
    if (!this.starts.delete(seconds)) {
      throw startTime.invalid(
        `${bucket} of the window that no earlier bucket held, not ${this.show(seconds)}`,
      );
    }
    return { day: toUtcDate(new Date(seconds * 1000)), start: isoOf(seconds) };
  }

  /** The first of the missing ones for a message; undefined when none is missing. */
  describe(): string | undefined {
    if (this.starts.size === 0) return undefined;
    const shown = [...this.starts].slice(0, SHOWN_BUCKETS).map((start) => this.show(start));
    const more = this.starts.size - shown.length;
    return `${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
  }

  private show(seconds: number): string {
    return this.width === '1d' ? toUtcDate(new Date(seconds * 1000)) : isoOf(seconds);
  }
}

/** Older answers name the array `result`. */
export function resultsOf(bucket: JsonValue): JsonValue {
  const results = bucket.get('results');
  const legacy = bucket.get('result');
  return results.isNull() && !legacy.isNull() ? legacy : results;
}

function widthSeconds(width: BucketWidth): number {
  return width === '1d' ? DAY_SECONDS : HOUR_SECONDS;
}

function secondsOf(instant: Date): number {
  return Math.floor(instant.getTime() / 1000);
}

function isoOf(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace('.000Z', 'Z');
}
