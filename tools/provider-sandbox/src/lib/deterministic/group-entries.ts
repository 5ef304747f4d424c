/** Entries of equal dimensions as one, in the order in which they first occur; other dimensions are null. */
export function groupEntries<T extends object, TGroup>(
  entries: readonly T[],
  dimensions: readonly (keyof T)[],
  start: (entry: T) => TGroup,
  add: (group: TGroup, entry: T) => void,
): TGroup[] {
  const groups = new Map<string, TGroup>();
  for (const entry of entries) {
    const key = JSON.stringify(dimensions.map((dimension) => entry[dimension]));
    const group = groups.get(key) ?? start(entry);
    groups.set(key, group);
    add(group, entry);
  }
  return [...groups.values()];
}
