import { startOfDay, toUtcDate, type JsonValue, type RunWindow, type UtcDate } from '@pipelines/pipeline';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const RFC_3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/;

/** Length of a bucket. */
export type BucketWidth = '1d' | '1h';

/** Some of the rows of one bucket, still unread. */
export interface AnthropicBucket {
  /** UTC day that the bucket lies in. */
  readonly day: UtcDate;
  /** Start of the bucket, ISO 8601 in UTC. */
  readonly start: string;
  readonly results: readonly JsonValue[];
  /** Dimensions that the results are grouped by. */
  readonly groupBy: readonly string[];
}

/** The times that a query states, in milliseconds since 1970; the end is exclusive. */
export interface BucketSpan {
  readonly start: number;
  readonly end: number;
}

/** The span of the window, which ends now where the window reaches into the future. */
export function spanOf(window: RunWindow, now: Date): BucketSpan {
  const start = startOfDay(window.start).getTime();
  const nowMs = Math.floor(now.getTime() / 1000) * 1000;
  return { start, end: Math.min(startOfDay(window.end).getTime(), Math.max(nowMs, start + 1000)) };
}

/** Buckets of a width in so many days. */
export function bucketsIn(days: number, width: BucketWidth): number {
  return (days * DAY_MS) / widthMs(width);
}

/**
 * The buckets of a span that were seen. Unlike OpenAI, Anthropic does not promise that a bucket without data is there, so
 * that an absent one counts as empty.
 */
export class SeenBuckets {
  private readonly starts = new Set<number>();

  constructor(
    private readonly span: BucketSpan,
    private readonly width: BucketWidth,
  ) {}

  /** Whether no bucket of the span is left to come. */
  get sawAll(): boolean {
    return this.starts.size === Math.ceil((this.span.end - this.span.start) / widthMs(this.width));
  }

  /**
   * Takes note of the bucket.
   * @param startingAt The bucket's `starting_at`.
   * @throws PipelineError `provider_response_invalid` when it starts no bucket, lies outside the span, or came before.
   */
  add(startingAt: JsonValue): Omit<AnthropicBucket, 'results' | 'groupBy'> {
    const text = startingAt.text();
    const start = RFC_3339.test(text) ? Date.parse(text) : NaN;
    const [boundary, bucket] = this.width === '1d' ? ['a UTC day', 'a day'] : ['an hour', 'an hour'];
    // NaN too is no multiple.
    if (start % widthMs(this.width) !== 0) throw startingAt.invalid(`the start of ${boundary}`);
    const day = toUtcDate(new Date(start));
    const shown = this.width === '1d' ? day : isoOf(start);
    if (start < this.span.start || start >= this.span.end || this.starts.has(start)) {
      throw startingAt.invalid(`${bucket} of the window that no earlier bucket held, not ${shown}`);
    }
    this.starts.add(start);
    return { day, start: isoOf(start) };
  }
}

/** The instant as the API writes it, to the second. */
export function isoOf(ms: number): string {
  return new Date(ms).toISOString().replace('.000Z', 'Z');
}

function widthMs(width: BucketWidth): number {
  return width === '1d' ? DAY_MS : HOUR_MS;
}
