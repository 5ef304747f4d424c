const disclosed = new WeakMap<object, Set<string>>();

/**
 * Marks a field of a secret's class that is no secret: an id, a name, the table to read. Error messages may show it.
 * Every field without the mark is confidential.
 */
export const Disclosed =
  (): PropertyDecorator =>
  (prototype, field): void => {
    const fields = disclosed.get(prototype) ?? new Set();
    disclosed.set(prototype, fields.add(String(field)));
  };

/** Whether the class of the object, or one that it extends, marks the field. */
export function isDisclosed(holder: object, field: string): boolean {
  for (let prototype: unknown = holder; isObject(prototype); prototype = Object.getPrototypeOf(prototype)) {
    if (disclosed.get(prototype)?.has(field)) return true;
  }
  return false;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
