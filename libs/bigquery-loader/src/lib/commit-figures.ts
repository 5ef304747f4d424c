import { MAX_RESTATED_ENTRIES } from '@pipelines/pipeline';
import { quoteColumn } from './table-names.ts';
import { ownRows, windowPredicate, type CommittedLoad } from './window-predicate.ts';

/** Measures the pipeline's rows before the commit changes them: the days to be replaced, and the figures that they tell. */
export function figuresBefore(target: string, load: CommittedLoad): string[] {
  return [
    ...(load.target.writeDisposition === 'replace_partitions' ? [daysToReplace(target, load)] : []),
    ...(restates(load) ? [createFigures('before', target, load)] : []),
  ];
}

/** Measures the pipeline's rows once they are changed: the figures that they tell now, and the run's share in them. */
export function figuresAfter(target: string, load: CommittedLoad): string[] {
  return hasMoney(load) ? [createFigures('after', target, load)] : [];
}

/** Whether the run's rows or sums in the target are others than those extracted. A sum of zero equals none. */
export function provenDiffers(load: CommittedLoad): string {
  const rows = "committed IS DISTINCT FROM CAST(JSON_VALUE(@proof, '$.rows.extracted') AS INT64)";
  if (!hasMoney(load)) return rows;
  return `${rows} OR EXISTS (
  SELECT 1 FROM ${committedMoney(load)} AS found
  FULL JOIN (
    SELECT JSON_VALUE(item, '$.column') AS name, JSON_VALUE(item, '$.currency') AS currency,
      CAST(JSON_VALUE(item, '$.sum') AS BIGNUMERIC) AS total
    FROM UNNEST(JSON_QUERY_ARRAY(@proof, '$.money.extracted')) AS item
  ) AS proven USING (name, currency)
  WHERE COALESCE(found.total, 0) != COALESCE(proven.total, 0))`;
}

/** The committed sums as a JSON text. */
export function moneyText(load: CommittedLoad): string {
  if (!hasMoney(load)) return "'[]'";
  return `TO_JSON_STRING(ARRAY(
    SELECT AS STRUCT name AS \`column\`, currency, CAST(total AS STRING) AS sum
    FROM ${committedMoney(load)} ORDER BY name, currency))`;
}

/** How many figures the target tells otherwise than before. */
export function restatedCount(load: CommittedLoad): string {
  return restates(load) ? `(SELECT COUNT(*) FROM ${restated(load)})` : '0';
}

/** The newest of those figures as a JSON text. */
export function restatedText(load: CommittedLoad): string {
  if (!restates(load)) return "'[]'";
  return `TO_JSON_STRING(ARRAY(
    SELECT AS STRUCT CAST(day AS STRING) AS day, name AS \`column\`, currency,
      CAST(total_before AS STRING) AS before, CAST(total_after AS STRING) AS after
    FROM ${restated(load)} ORDER BY day DESC, name, currency LIMIT ${MAX_RESTATED_ENTRIES}))`;
}

function hasMoney({ schema }: CommittedLoad): boolean {
  return (schema.money ?? []).length > 0;
}

function restates(load: CommittedLoad): boolean {
  const { schema, target } = load;
  return hasMoney(load) && schema.windowColumn !== undefined && target.writeDisposition !== 'append';
}

function daysToReplace(target: string, load: CommittedLoad): string {
  return `SET days = TO_JSON_STRING(ARRAY(
  SELECT DISTINCT CAST(${quoteColumn(load.schema.windowColumn!)} AS STRING) AS day
  FROM ${target} WHERE ${ownRows(load)} AND ${windowPredicate(load)} ORDER BY day));`;
}

/** A table of the script, by day, money column and currency. As a literal, because DDL may refuse parameters. */
function createFigures(when: 'before' | 'after', target: string, load: CommittedLoad): string {
  const { windowColumn, money = [] } = load.schema;
  const [day, groups] =
    windowColumn === undefined ? ['CAST(NULL AS DATE)', '3'] : [quoteColumn(windowColumn), '1, 3'];
  const sums = money.map(({ amount, currency }) => {
    const value = quoteColumn(amount);
    return `SELECT ${day} AS day, '${amount}' AS name, COALESCE(${quoteColumn(currency)}, '') AS currency,
  COALESCE(SUM(${value}), 0) AS total,
  SUM(IF(_run_id = '${load.runId}', ${value}, NULL)) AS own
FROM ${target} WHERE ${ownRows(load)} AND ${scope(load)} GROUP BY ${groups}`;
  });
  return `CREATE TEMP TABLE ${figures(when, load)} AS\n${sums.join('\nUNION ALL ')};`;
}

/** The days that the commit may change. */
function scope(load: CommittedLoad): string {
  const { schema, target } = load;
  const anyDay =
    target.writeDisposition === 'replace' ||
    (target.writeDisposition === 'merge' && !target.mergeKey!.includes(schema.windowColumn!));
  return anyDay ? 'TRUE' : windowPredicate(load);
}

function committedMoney(load: CommittedLoad): string {
  return `(SELECT name, currency, SUM(own) AS total FROM ${figures('after', load)} WHERE own IS NOT NULL GROUP BY name, currency)`;
}

function restated(load: CommittedLoad): string {
  const before = figures('before', load);
  return `(
      SELECT day, name, currency, COALESCE(earlier.total, 0) AS total_before, COALESCE(later.total, 0) AS total_after
      FROM ${before} AS earlier FULL JOIN ${figures('after', load)} AS later USING (day, name, currency)
      WHERE COALESCE(earlier.total, 0) != COALESCE(later.total, 0) AND day IN (SELECT day FROM ${before}))`;
}

/** Named after the attempt, which BigQuery does not need: a temporary table is the script's own. */
function figures(when: 'before' | 'after', { runId, attempt }: CommittedLoad): string {
  return `figures_${when}_${runId.replaceAll('-', '')}_${attempt}`;
}
