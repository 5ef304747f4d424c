import { jsonObject } from '../../sql/json-object.ts';
import { plainDecimalText } from '../../sql/plain-decimal.ts';
import type { SqlDialect } from '../../sql/sql-dialect.ts';

/** Arrays of tags, and the key of each tag; only labels of the resource go without a prefix. */
const TAGS: readonly (readonly [array: string, key: (element: string) => string])[] = [
  ['labels', (element) => `${element}.key`],
  ['tags', (element) => `'tag/' || COALESCE(${element}.namespace, '') || '/' || ${element}.key`],
  ['project_labels', (element) => `'project/' || ${element}.key`],
  ['system_labels', (element) => `'goog/' || ${element}.key`],
];

/**
 * All labels and tags as one JSON object; of a key that comes again the last value, of one without a value `true`. A label
 * without a value is exported with an empty one.
 */
export function tagsOf(sql: SqlDialect): string {
  const pairs = TAGS.map(([array, key], index) => {
    const element = `tag_${index}`;
    const value = `CASE WHEN COALESCE(${element}.value, '') = '' THEN 'true' ELSE ${sql.quoteJson(`${element}.value`)} END`;
    return `SELECT ${key(element)} AS tag_key, ${value} AS tag_value, ${element}_position AS place
      FROM ${sql.elements(array, element)}`;
  });
  const last = `SELECT tag_key, MAX_BY(tag_value, place) AS tag_value FROM (${pairs.join(' UNION ALL ')}) AS pairs
    WHERE tag_key IS NOT NULL GROUP BY tag_key`;
  const object = `'{' || STRING_AGG(${sql.quoteJson('tag_key')} || ':' || tag_value, ',' ORDER BY tag_key) || '}'`;
  return `(SELECT ${sql.parseJson(object)} FROM (${last}) AS tags_of_row)`;
}

/**
 * The credits as a JSON array, keys in order, which BigQuery would see to by itself. Amounts are texts, because readers of
 * JSON take numbers for binary floats.
 */
export function creditsOf(sql: SqlDialect): string {
  const amount = plainDecimalText(sql, 'credit.amount');
  const parts = {
    amount,
    full_name: 'credit.full_name',
    id: 'credit.id',
    name: 'credit.name',
    type: 'credit.type',
  };
  const objects = `'[' || STRING_AGG(${jsonObject(sql, parts)}, ',' ORDER BY credit_position) || ']'`;
  return `(SELECT ${sql.parseJson(objects)} FROM ${sql.elements('credits', 'credit')})`;
}
