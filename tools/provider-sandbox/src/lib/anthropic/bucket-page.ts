import type { FaultKind } from '../control/faults.ts';
import { DAY_SECONDS } from '../deterministic/days.ts';
import { issueCursor, readCursor } from '../deterministic/opaque-cursor.ts';
import { unknownParameter } from '../query/unknown-parameter.ts';
import { AnthropicRefusal } from './anthropic-refusal.ts';

/** The buckets of one width: their length, and how many of them a page holds. */
interface WidthRules {
  readonly seconds: number;
  readonly defaultLimit: number;
  readonly maxLimit: number;
}

/** The limits of one report. */
export interface BucketRules<TDimension extends string> {
  readonly dimensions: readonly TDimension[];
  readonly widths: Readonly<Record<string, WidthRules>>;
}

/** Buckets of a UTC day. */
export const DAILY: WidthRules = { seconds: DAY_SECONDS, defaultLimit: 7, maxLimit: 31 };

/** Buckets of an hour. */
export const HOURLY: WidthRules = { seconds: 3_600, defaultLimit: 24, maxLimit: 168 };

/** Buckets of a minute; what an hour counts is in its first one. */
export const MINUTELY: WidthRules = { seconds: 60, defaultLimit: 60, maxLimit: 1_440 };

const MAX_DIMENSIONS = 5;
const PARAMETERS = ['starting_at', 'ending_at', 'bucket_width', 'limit', 'page', 'group_by[]'];

/** A validated query. */
export interface BucketQuery<TDimension extends string> {
  /** Unix time of the first bucket: times are snapped down to a bucket's start. */
  readonly start: number;
  /** Unix time at which the query ends. */
  readonly end: number;
  readonly width: number;
  readonly limit: number;
  readonly offset: number;
  readonly groupBy: readonly TDimension[];
  /** The query without its cursor, to which cursors are bound. */
  readonly identity: string;
}

/** Reads the query, refusing what the provider refuses. */
export function readBucketQuery<TDimension extends string>(
  parameters: URLSearchParams,
  { dimensions, widths }: BucketRules<TDimension>,
): BucketQuery<TDimension> {
  const unknown = unknownParameter(parameters, PARAMETERS);
  if (unknown !== undefined) throw refusal(`${unknown}: the sandbox does not know this parameter`);
  const start = time(parameters, 'starting_at');
  if (start === undefined) throw refusal('starting_at: Field required');
  const end = time(parameters, 'ending_at') ?? Math.floor(Date.now() / 1000);
  if (end <= start) throw refusal('ending_at: must be after starting_at');
  const widthName = parameters.get('bucket_width') ?? '1d';
  const rules = Object.hasOwn(widths, widthName) ? widths[widthName]! : undefined;
  if (!rules) throw refusal(`bucket_width: the sandbox serves ${Object.keys(widths).join(' and ')} alone`);
  const limit = Number(parameters.get('limit') ?? rules.defaultLimit);
  if (!Number.isInteger(limit) || limit < 1 || limit > rules.maxLimit) {
    throw refusal(`limit: must be between 1 and ${rules.maxLimit}`);
  }
  if (parameters.getAll('group_by[]').length > MAX_DIMENSIONS) {
    throw refusal(`Cannot specify more than ${MAX_DIMENSIONS} group_by[] dimensions.`);
  }
  const groupBy = parameters.getAll('group_by[]').map((name) => {
    const dimension = dimensions.find((known) => known === name);
    if (!dimension) throw refusal(`group_by[]: "${name}" is not supported`);
    return dimension;
  });
  const identity = identityOf(parameters);
  const cursor = parameters.get('page');
  const offset = cursor === null ? 0 : readCursor(identity, cursor);
  if (offset === undefined) throw refusal('page: does not belong to this query');
  return {
    start: Math.floor(start / rules.seconds) * rules.seconds,
    end,
    width: rules.seconds,
    limit,
    offset,
    groupBy,
    identity,
  };
}

/** The page of the query, its results made bucket by bucket from the Unix time at which it starts. */
export function bucketPage(
  { start, end, width, limit, offset, identity }: BucketQuery<string>,
  resultsOf: (start: number) => readonly object[],
  fault?: FaultKind,
): object {
  const buckets = Math.ceil((end - start) / width);
  const size = Math.min(limit, buckets - offset);
  const data = Array.from({ length: size }, (_, index) => {
    const startTime = start + (offset + index) * width;
    return {
      starting_at: isoOf(startTime),
      ending_at: isoOf(startTime + width),
      results: resultsOf(startTime),
    };
  });
  if (fault === 'repeat_cursor') return { data, has_more: true, next_page: issueCursor(identity, offset) };
  if (fault === 'refused_cursor') {
    return { data, has_more: true, next_page: issueCursor('another query', offset + size) };
  }
  if (fault === 'missing_cursor') return { data, has_more: true, next_page: null };
  const hasMore = offset + size < buckets;
  return { data, has_more: hasMore, next_page: hasMore ? issueCursor(identity, offset + size) : null };
}

function time(parameters: URLSearchParams, name: string): number | undefined {
  const text = parameters.get(name);
  if (text === null) return undefined;
  const ms = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/.test(text)
    ? Date.parse(text)
    : NaN;
  if (Number.isNaN(ms)) throw refusal(`${name}: must be an RFC 3339 date-time`);
  return Math.floor(ms / 1000);
}

function isoOf(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace('.000Z', 'Z');
}

function identityOf(parameters: URLSearchParams): string {
  const rest = new URLSearchParams([...parameters].filter(([name]) => name !== 'page'));
  rest.sort();
  return rest.toString();
}

function refusal(message: string): AnthropicRefusal {
  return new AnthropicRefusal('invalid_request_error', message);
}
