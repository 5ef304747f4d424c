import type { FaultKind } from '../control/faults.ts';
import { DAY_SECONDS } from '../deterministic/days.ts';
import { issueCursor, readCursor } from '../deterministic/opaque-cursor.ts';
import { unknownParameter } from '../query/unknown-parameter.ts';
import { OpenAiRefusal } from './openai-refusal.ts';

/** The buckets of one width: their length, and how many of them a page holds. */
export interface WidthRules {
  readonly seconds: number;
  readonly defaultLimit: number;
  readonly maxLimit: number;
}

/** The limits of one endpoint that answers in buckets. */
export interface BucketRules<TDimension extends string> {
  readonly dimensions: readonly TDimension[];
  /** Names of the filters, without brackets. */
  readonly filters?: readonly string[];
  readonly widths: Readonly<Record<string, WidthRules>>;
}

/** A day's bucket, of which a page holds so many at most. */
export const daily = (maxLimit: number): WidthRules => ({
  seconds: DAY_SECONDS,
  defaultLimit: 7,
  maxLimit,
});

/** Buckets of an hour. */
export const HOURLY: WidthRules = { seconds: 3_600, defaultLimit: 24, maxLimit: 168 };

/** Buckets of a minute; what an hour counts is in its first one. */
export const MINUTELY: WidthRules = { seconds: 60, defaultLimit: 60, maxLimit: 1_440 };

const PARAMETERS = ['start_time', 'end_time', 'bucket_width', 'limit', 'page'];

/** How far the clock of a client may be ahead. */
const CLOCK_SKEW_SECONDS = 60;

/** A validated query. */
export interface BucketQuery<TDimension extends string> {
  /** Unix time of the first bucket. */
  readonly start: number;
  readonly width: number;
  readonly buckets: number;
  readonly limit: number;
  readonly offset: number;
  readonly groupBy: readonly TDimension[];
  /** The query without its cursor, to which cursors are bound. */
  readonly identity: string;
}

/** Reads the query, refusing what the provider refuses. Both spellings of array parameters are accepted. */
export function readBucketQuery<TDimension extends string>(
  parameters: URLSearchParams,
  { dimensions, filters = [], widths }: BucketRules<TDimension>,
): BucketQuery<TDimension> {
  const arrays = ['group_by', ...filters].flatMap((name) => [name, `${name}[]`]);
  const unknown = unknownParameter(parameters, [...PARAMETERS, ...arrays]);
  if (unknown !== undefined) throw new OpenAiRefusal(400, `Unknown parameter: '${unknown}'.`, unknown);
  const start = integer(parameters, 'start_time');
  if (start === undefined)
    throw new OpenAiRefusal(400, 'Missing required parameter: start_time.', 'start_time');
  const now = Math.floor(Date.now() / 1000);
  const end = integer(parameters, 'end_time') ?? now;
  if (end > now + CLOCK_SKEW_SECONDS) {
    throw new OpenAiRefusal(400, 'end_time must not be in the future.', 'end_time');
  }
  if (end <= start) throw new OpenAiRefusal(400, 'end_time must be after start_time.', 'end_time');
  const widthName = parameters.get('bucket_width') ?? '1d';
  const rules = Object.hasOwn(widths, widthName) ? widths[widthName]! : undefined;
  if (!rules) {
    const served = Object.keys(widths).join(' and ');
    throw new OpenAiRefusal(400, `The sandbox serves buckets of ${served} alone.`, 'bucket_width');
  }
  const { seconds, defaultLimit, maxLimit } = rules;
  const limit = integer(parameters, 'limit') ?? defaultLimit;
  if (limit < 1 || limit > maxLimit) {
    throw new OpenAiRefusal(400, `Invalid limit provided: must be between 1 and ${maxLimit}.`, 'limit');
  }
  const groupBy = arrayOf(parameters, 'group_by').map((name) => {
    const dimension = dimensions.find((known) => known === name);
    if (!dimension) throw new OpenAiRefusal(400, `Invalid value for group_by: '${name}'.`, 'group_by');
    return dimension;
  });
  const identity = identityOf(parameters);
  const first = Math.floor(start / seconds);
  return {
    start: first * seconds,
    width: seconds,
    buckets: Math.ceil(end / seconds) - first,
    limit,
    offset: offsetOf(identity, parameters.get('page')),
    groupBy,
    identity,
  };
}

/** The page of the query, its results made bucket by bucket from the Unix time at which it starts. */
export function bucketPage(
  { start, width, buckets, limit, offset, identity }: BucketQuery<string>,
  resultsOf: (start: number) => readonly object[],
  fault?: FaultKind,
): object {
  const size = Math.min(limit, buckets - offset);
  const data = Array.from({ length: size }, (_, index) => {
    const startTime = start + (offset + index) * width;
    return {
      object: 'bucket',
      start_time: startTime,
      end_time: startTime + width,
      start_time_iso: new Date(startTime * 1000).toISOString(),
      results: resultsOf(startTime),
    };
  });
  if (fault === 'repeat_cursor') return page(data, true, issueCursor(identity, offset));
  if (fault === 'refused_cursor') return page(data, true, issueCursor('another query', offset + size));
  const hasMore = offset + size < buckets;
  if (fault === 'missing_cursor') return page(data, true, null);
  return page(data, hasMore, hasMore ? issueCursor(identity, offset + size) : null);
}

/** The values of an array parameter, written `name=a&name=b` or `name[]=a&name[]=b`. */
export function arrayOf(parameters: URLSearchParams, name: string): string[] {
  return [...parameters.getAll(name), ...parameters.getAll(`${name}[]`)];
}

function page(data: readonly object[], hasMore: boolean, nextPage: string | null): object {
  return { object: 'page', data, has_more: hasMore, next_page: nextPage };
}

function integer(parameters: URLSearchParams, name: string): number | undefined {
  const text = parameters.get(name);
  if (text === null) return undefined;
  if (!/^\d{1,11}$/.test(text))
    throw new OpenAiRefusal(400, `Invalid type for ${name}: expected an integer.`, name);
  return Number(text);
}

function identityOf(parameters: URLSearchParams): string {
  const rest = new URLSearchParams([...parameters].filter(([name]) => name !== 'page'));
  rest.sort();
  return rest.toString();
}

function offsetOf(identity: string, cursor: string | null): number {
  if (cursor === null) return 0;
  const offset = readCursor(identity, cursor);
  if (offset === undefined) {
    const message = 'The page token is invalid, have you modified the query parameters?';
    throw new OpenAiRefusal(400, message, null, 'invalid_request_error');
  }
  return offset;
}
