/** `project.dataset.table` or `dataset.table`; the project may be of a domain (`example.com:billing`). */
export const EXPORT_TABLE =
  /^(?:(?<project>(?:[a-z0-9.-]+:)?[a-z][a-z0-9-]{4,28}[a-z0-9])\.)?(?<dataset>\w{1,1024})\.(?<table>[\w-]{1,1024})$/;

/** As many billing accounts as one pipeline reads the exports of. */
const MAX_TABLES = 50;

/** The names in an array, or in a text with commas between them. */
export function tableNames(field: string | readonly string[] | undefined): readonly string[] {
  const names = typeof field === 'string' ? field.split(',') : (field ?? []);
  return names.map((name) => name.trim()).filter((name) => name !== '');
}

/** Whether the value is the name of a table, or a list of some. */
export function namesTables(value: unknown): boolean {
  const isText = typeof value === 'string';
  if (!isText && !(Array.isArray(value) && value.every((name) => typeof name === 'string'))) return false;
  const names = isText ? value.split(',').map((name) => name.trim()) : (value as string[]);
  return (
    names.length > 0 &&
    names.length <= MAX_TABLES &&
    names.every((name) => EXPORT_TABLE.test(name)) &&
    new Set(names).size === names.length
  );
}
