import type { JsonValue } from '../json/json-value.ts';

/** The cursors that the pages of one answer have given. */
export class PageCursors {
  private readonly given = new Set<string>();

  /**
   * The cursor of the page that follows.
   * @param field Where the page says it.
   * @throws PipelineError `provider_response_invalid` when it is no text, or was given before, which would lead round in a
   * circle.
   */
  next(field: JsonValue): string {
    const cursor = field.text();
    if (this.given.has(cursor)) throw field.invalid('a cursor that was not given before');
    this.given.add(cursor);
    return cursor;
  }
}
