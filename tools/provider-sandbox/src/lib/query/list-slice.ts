/** A page of a list, which begins behind an item. */
export interface ListSlice<T> {
  readonly data: readonly T[];
  readonly first_id: string | null;
  readonly last_id: string | null;
  readonly has_more: boolean;
}

/**
 * The items that follow the one named.
 * @returns Undefined when the list does not hold that one.
 */
export function sliceAfter<T extends { readonly id: string }>(
  items: readonly T[],
  after: string | null,
  limit: number,
): ListSlice<T> | undefined {
  const from = after === null ? 0 : items.findIndex(({ id }) => id === after) + 1;
  if (after !== null && from === 0) return undefined;
  const data = items.slice(from, from + limit);
  return {
    data,
    first_id: data[0]?.id ?? null,
    last_id: data.at(-1)?.id ?? null,
    has_more: from + limit < items.length,
  };
}
