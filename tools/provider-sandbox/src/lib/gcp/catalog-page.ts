import type { FaultKind } from '../control/faults.ts';
import { issueCursor, readCursor } from '../deterministic/opaque-cursor.ts';
import { unknownParameter } from '../query/unknown-parameter.ts';
import { GoogleRefusal } from './google-refusal.ts';

const MAX_PAGE_SIZE = 5000;

/**
 * One page of a list. A page may hold fewer items than asked for, as Google reserves the right to; here at most
 * `most`. The last page names no next one.
 */
export function catalogPage<T>(
  url: URL,
  collection: string,
  items: readonly T[],
  most: number,
  { filters = [], fault }: { readonly filters?: readonly string[]; readonly fault?: FaultKind } = {},
): object {
  const parameters = new URLSearchParams(url.search);
  const unknown = unknownParameter(parameters, ['pageSize', 'pageToken', ...filters]);
  if (unknown !== undefined) throw invalid(`Unknown name "${unknown}".`);
  const pageSize = Number(parameters.get('pageSize') ?? MAX_PAGE_SIZE);
  if (!Number.isInteger(pageSize) || pageSize < 1 || pageSize > MAX_PAGE_SIZE) {
    throw invalid(`pageSize must be between 1 and ${MAX_PAGE_SIZE}.`);
  }
  const token = parameters.get('pageToken') ?? '';
  parameters.delete('pageToken');
  parameters.sort();
  const identity = `${url.pathname}?${parameters.toString()}`;
  const offset = token === '' ? 0 : readCursor(identity, token);
  if (offset === undefined) throw invalid('The page token is invalid.');

  const end = offset + Math.min(pageSize, most);
  const page = items.slice(offset, end);
  const nextPageToken = issueCursor(
    fault === 'refused_cursor' ? 'another list' : identity,
    fault === 'repeat_cursor' ? offset : end,
  );
  const hasNext =
    fault === 'repeat_cursor' ||
    fault === 'refused_cursor' ||
    (end < items.length && fault !== 'missing_cursor');
  // Protocol Buffers' JSON leaves empty lists and strings out.
  return { ...(page.length > 0 ? { [collection]: page } : {}), ...(hasNext ? { nextPageToken } : {}) };
}

function invalid(message: string): GoogleRefusal {
  return new GoogleRefusal(400, 'INVALID_ARGUMENT', message);
}
