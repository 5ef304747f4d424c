type Redact = (text: string) => string;

/** Words of a fixed vocabulary, by which an error is recognized. */
const NAMES: ReadonlySet<string> = new Set(['name', 'code']);

/**
 * Returns what was thrown with `redact` applied to every text that it carries: message, stack, details, facts and causes.
 * Where nothing had to be redacted it is the same object, otherwise a copy of the same class.
 */
export function redactError<T>(thrown: T, redact: Redact): T {
  return redacted(thrown, redact, new Map()) as T;
}

/** @param known What has been begun, because a chain of causes may lead back to where it began. */
function redacted(value: unknown, redact: Redact, known: Map<object, unknown>): unknown {
  if (typeof value === 'string') return redact(value);
  if (!carriesTexts(value)) return value;
  if (known.has(value)) return known.get(value);
  const copy = emptyLike(value);
  known.set(value, copy);
  const properties = Object.getOwnPropertyDescriptors(value) as Record<string, PropertyDescriptor>;
  // V8 has it as an accessor of the error itself.
  if (value instanceof Error) {
    properties.stack = { value: value.stack, writable: true, configurable: true, enumerable: false };
  }
  let changed = false;
  for (const [name, descriptor] of Object.entries(properties)) {
    if (!('value' in descriptor) || (value instanceof Error && NAMES.has(name))) continue;
    const before: unknown = descriptor.value;
    descriptor.value = redacted(before, redact, known);
    changed ||= descriptor.value !== before;
  }
  if (!changed) {
    known.set(value, value);
    return value;
  }
  return Object.defineProperties(copy, properties);
}

function emptyLike(value: object): object {
  if (Array.isArray(value)) return [];
  // Only what was constructed as an error is printed as one.
  return Object.setPrototypeOf(
    value instanceof Error ? new Error() : {},
    Object.getPrototypeOf(value),
  ) as object;
}

/** Other objects, such as a socket, are never printed. */
function carriesTexts(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  if (value instanceof Error || Array.isArray(value)) return true;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
