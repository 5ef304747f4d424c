import { constructFromEvents, EVENT_ID, parseEvents, YAMLException, type Event } from 'js-yaml';
import type { ConfigProblem, FieldProblem } from '../config-problem.ts';
import { textPosition } from './text-position.ts';
import { fieldSpans, type FieldSpan } from './yaml-events.ts';

/** A parsed YAML document that knows where each of its fields stands. */
export class YamlSource {
  private constructor(
    readonly file: string,
    /** The document's content, a mapping. */
    readonly value: Readonly<Record<string, unknown>>,
    private readonly text: string,
    private readonly spans: ReadonlyMap<string, FieldSpan>,
  ) {}

  /** Reads one document. A text that is not exactly one mapping yields the problem instead. */
  static parse(file: string, text: string): YamlSource | ConfigProblem {
    let events: Event[];
    let documents: unknown[];
    try {
      events = parseEvents(text, {});
      // Aliases save no typing in files this small, and allow a few lines to expand without bound.
      documents = constructFromEvents(events, { source: text, maxAliases: 0 });
    } catch (error) {
      if (!(error instanceof YAMLException)) throw error;
      return syntaxProblem(file, text, error);
    }

    const [value] = documents;
    if (documents.length === 0 || value === null) {
      return {
        file,
        line: 1,
        column: 1,
        message: 'The file is empty. Declare pipeline, processor and target.',
      };
    }
    if (documents.length > 1) {
      const position = textPosition(text, secondDocument(events));
      return {
        file,
        ...position,
        message: 'The file holds several documents. Give each pipeline its own file.',
      };
    }
    if (typeof value !== 'object' || Array.isArray(value)) {
      const position = textPosition(text, fieldSpans(text, events).get('')!.start);
      return {
        file,
        ...position,
        message: 'The file must be a mapping with pipeline, processor and target.',
      };
    }
    return new YamlSource(file, value as Record<string, unknown>, text, fieldSpans(text, events));
  }

  /** Says where a problem's field stands; that of a missing field is the nearest section around it. */
  locate({ field, message, atKey, token }: FieldProblem): ConfigProblem {
    const span = this.nearestSpan(field);
    const within = token === undefined ? -1 : this.text.slice(span.start, span.end).indexOf(token);
    const offset = atKey && span.key !== undefined ? span.key : span.start + Math.max(0, within);
    return { file: this.file, ...textPosition(this.text, offset), field, message };
  }

  private nearestSpan(field: string): FieldSpan {
    const span = this.spans.get(field);
    if (span) return span;
    const parent = this.nearestSpan(field.slice(0, Math.max(0, field.lastIndexOf('.'))));
    return parent.key === undefined ? parent : { ...parent, start: parent.key, end: parent.key };
  }
}

function syntaxProblem(file: string, text: string, { reason, mark }: YAMLException): ConfigProblem {
  const unquoted = /^[^#'"\n]*[:-]\s+\{\{/m.test(text);
  const advice = unquoted ? ' Put quotes around a value that begins with {{.' : '';
  const rule = reason.startsWith('aliases exceeded')
    ? 'aliases are not allowed; write the value out'
    : reason;
  return {
    file,
    line: (mark?.line ?? 0) + 1,
    column: (mark?.column ?? 0) + 1,
    message: `The file is not valid YAML: ${rule}.${advice}`,
  };
}

/** Offset at which the content of the second document begins. */
function secondDocument(events: readonly Event[]): number {
  const second = events.findIndex((event, index) => index > 0 && event.type === EVENT_ID.DOCUMENT);
  for (const event of events.slice(second)) {
    if (event.type === EVENT_ID.SCALAR && event.valueStart >= 0) return event.valueStart;
    if (event.type === EVENT_ID.MAPPING || event.type === EVENT_ID.SEQUENCE) return event.start;
  }
  return 0;
}
