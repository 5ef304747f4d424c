import { PipelineError } from '@pipelines/pipeline';

/** The last run of a page, from which the next page goes on. */
export interface HistoryPosition {
  readonly pendingAt: Date;
  readonly id: string;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** An opaque text for the position. */
export function encodeCursor({ pendingAt, id }: HistoryPosition): string {
  return Buffer.from(JSON.stringify([pendingAt.toISOString(), id])).toString('base64url');
}

/** @throws PipelineError `invalid_cursor` */
export function decodeCursor(cursor: string): HistoryPosition {
  try {
    const [pendingAt, id] = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as [string, string];
    const instant = new Date(pendingAt);
    if (!Number.isNaN(instant.getTime()) && UUID.test(id)) return { pendingAt: instant, id };
  } catch {
    // Falls through to the one answer for every text that is not a cursor.
  }
  throw new PipelineError(
    'invalid_cursor',
    'cursor: this is not a cursor of this service. Pass next_cursor of the previous page, unchanged.',
    { facts: { field: 'cursor' } },
  );
}
