import { PipelineError } from '../errors/pipeline-error.ts';
import type { JsonValue } from '../json/json-value.ts';

/** The cursors that the pages of one answer have given, by which a walk is known to lead on. */
export class PageCursors {
  private readonly given = new Set<string>();
  private emptyInARow = 0;

  /** @param maxEmptyInARow Pages without items that may follow each other, where the API says that there may be any. */
  constructor(private readonly maxEmptyInARow = 0) {}

  /**
   * The cursor of the page that follows.
   * @param field Where the page says it.
   * @param items Where the page has its items.
   * @throws PipelineError `provider_response_invalid` when it is no text, or was given before, which would lead round in a
   * circle, and when the page promises more without an item of its own, which could go on for ever.
   */
  next(field: JsonValue, items: JsonValue): string {
    const cursor = field.text();
    if (this.given.has(cursor)) throw field.invalid('a cursor that was not given before');
    this.given.add(cursor);
    this.emptyInARow = items.isNull() || items.isEmpty() ? this.emptyInARow + 1 : 0;
    if (this.emptyInARow > this.maxEmptyInARow) {
      throw items.invalid('an item at least, as more are promised');
    }
    return cursor;
  }

  /** The same of a page with which everything has come that was asked for; undefined where it leads nowhere. */
  nextAfterAll(field: JsonValue, items: JsonValue): string | undefined {
    try {
      return this.next(field, items);
    } catch (error) {
      if (error instanceof PipelineError) return undefined;
      throw error;
    }
  }
}

/**
 * The page that an answer promised although everything had come that was asked for. It is asked for all the same, since
 * a part of something may come again in it; undefined when the provider refuses its own cursor.
 */
export async function pageAfterAll(page: Promise<JsonValue>): Promise<JsonValue | undefined> {
  try {
    return await page;
  } catch (error) {
    if (error instanceof PipelineError && error.code === 'provider_rejected_request') return undefined;
    throw error;
  }
}
