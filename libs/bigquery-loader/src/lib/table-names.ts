import type { EarlierLoad, Load } from '@pipelines/pipeline';

/** The staging table of one attempt of one run. A fresh name each time also stays clear of per-table quotas. */
export function stagingTable({ runId, attempt, target }: EarlierLoad): string {
  return `stg_${target.table}_${runId.replaceAll('-', '')}_${attempt}`;
}

/** A table of the load's dataset for GoogleSQL. */
export function quoteTable(projectId: string, { target }: Pick<Load, 'target'>, table: string): string {
  return `\`${projectId}.${target.dataset}.${table}\``;
}

/** A column name for GoogleSQL, so that a reserved word may name a column. */
export function quoteColumn(name: string): string {
  return `\`${name}\``;
}
