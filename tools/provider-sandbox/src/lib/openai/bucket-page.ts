import type { FaultKind } from '../control/faults.ts';
import { DAY_SECONDS, dateOf, isFuture } from '../deterministic/days.ts';
import { issueCursor, readCursor } from '../deterministic/opaque-cursor.ts';
import { OpenAiRefusal } from './openai-refusal.ts';

/** The limits of one endpoint that answers in daily buckets. */
export interface BucketRules<TDimension extends string> {
  readonly dimensions: readonly TDimension[];
  readonly maxLimit: number;
}

/** A validated query. */
export interface BucketQuery<TDimension extends string> {
  readonly firstDay: number;
  readonly days: number;
  readonly limit: number;
  readonly offset: number;
  readonly groupBy: readonly TDimension[];
  /** The query without its cursor, to which cursors are bound. */
  readonly identity: string;
}

const DEFAULT_LIMIT = 7;

/** Reads the query, refusing what the provider refuses. Both spellings of array parameters are accepted. */
export function readBucketQuery<TDimension extends string>(
  parameters: URLSearchParams,
  { dimensions, maxLimit }: BucketRules<TDimension>,
): BucketQuery<TDimension> {
  const start = integer(parameters, 'start_time');
  if (start === undefined)
    throw new OpenAiRefusal(400, 'Missing required parameter: start_time.', 'start_time');
  const end = integer(parameters, 'end_time') ?? Math.floor(Date.now() / 1000);
  if (end <= start) throw new OpenAiRefusal(400, 'end_time must be after start_time.', 'end_time');
  if ((parameters.get('bucket_width') ?? '1d') !== '1d') {
    throw new OpenAiRefusal(400, 'The sandbox serves buckets of 1d alone.', 'bucket_width');
  }
  const limit = integer(parameters, 'limit') ?? DEFAULT_LIMIT;
  if (limit < 1 || limit > maxLimit) {
    throw new OpenAiRefusal(400, `Invalid limit provided: must be between 1 and ${maxLimit}.`, 'limit');
  }
  const groupBy = arrayOf(parameters, 'group_by').map((name) => {
    const dimension = dimensions.find((known) => known === name);
    if (!dimension) throw new OpenAiRefusal(400, `Invalid value for group_by: '${name}'.`, 'group_by');
    return dimension;
  });
  const identity = identityOf(parameters);
  const firstDay = Math.floor(start / DAY_SECONDS);
  return {
    firstDay,
    days: Math.ceil(end / DAY_SECONDS) - firstDay,
    limit,
    offset: offsetOf(identity, parameters.get('page')),
    groupBy,
    identity,
  };
}

/** The page of the query, its results made day by day. */
export function bucketPage(
  { firstDay, days, limit, offset, identity }: BucketQuery<string>,
  resultsOn: (date: string) => readonly object[],
  fault?: FaultKind,
): object {
  const size = Math.min(limit, days - offset);
  const data = Array.from({ length: size }, (_, index) => {
    const start = (firstDay + offset + index) * DAY_SECONDS;
    const date = dateOf(start);
    return {
      object: 'bucket',
      start_time: start,
      end_time: start + DAY_SECONDS,
      start_time_iso: new Date(start * 1000).toISOString(),
      results: isFuture(date) ? [] : resultsOn(date),
    };
  });
  if (fault === 'repeat_cursor') return page(data, true, issueCursor(identity, offset));
  const hasMore = offset + size < days;
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
  if (offset === undefined) throw new OpenAiRefusal(400, 'Invalid page cursor for this query.', 'page');
  return offset;
}
