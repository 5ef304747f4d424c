import { EVENT_ID, getScalarValue, type Event, type ScalarEvent } from 'js-yaml';

/** Where a field stands in the text, as 0-based offsets. */
export interface FieldSpan {
  readonly key?: number;
  readonly start: number;
  readonly end: number;
}

/** Maps the dotted path of every field of a single-document event stream to its place; the root's path is ''. */
export function fieldSpans(text: string, events: readonly Event[]): ReadonlyMap<string, FieldSpan> {
  const spans = new Map<string, FieldSpan>();
  let next = 1; // the first event opens the document

  const visit = (path: string, key?: number): void => {
    const event = events[next++]!;
    if (event.type === EVENT_ID.SCALAR) {
      // An absent value has no place of its own; its key has.
      const start = event.valueStart < 0 ? (key ?? 0) : event.valueStart;
      spans.set(path, { key, start, end: Math.max(start, event.valueEnd) });
    } else if (event.type === EVENT_ID.MAPPING || event.type === EVENT_ID.SEQUENCE) {
      spans.set(path, { key, start: event.start, end: event.start });
      for (let item = 0; events[next]!.type !== EVENT_ID.POP; item++) {
        if (event.type === EVENT_ID.SEQUENCE) {
          visit(join(path, String(item)));
        } else {
          const name = events[next++] as ScalarEvent;
          visit(join(path, getScalarValue(text, name)), name.valueStart);
        }
      }
      next++;
    }
  };

  visit('');
  return spans;
}

const join = (path: string, name: string) => (path ? `${path}.${name}` : name);
