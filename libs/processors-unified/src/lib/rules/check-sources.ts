import type { DescribedTable, Load, TableWriter, Warehouse } from '@pipelines/pipeline';
import { SOURCE_MAPPINGS } from '../sources/source-mappings.ts';
import { namedSources } from '../sources/source-tables.ts';
import { dialectOf } from '../sql/dialect-of.ts';
import type { FocusCheck } from './check-focus.ts';
import { countOf } from './count-of.ts';
import { reconciliation } from './reconciliation.ts';

/** Compares a unified table with every table that it is made of, and looks for rows that no pipeline answers for. */
export async function checkSources(
  warehouse: Warehouse,
  access: Load,
  unified: DescribedTable,
  writers: readonly TableWriter[],
): Promise<Pick<FocusCheck, 'rules' | 'findings'>> {
  const findings: FocusCheck['findings'][number][] = [];
  const named = namedSources({ target: access.target, writers });
  const tables: string[] = [];
  for (const mapping of SOURCE_MAPPINGS) {
    for (const { reference } of named.filter(({ source }) => source === mapping.costs)) {
      const { table } = reference;
      const source = await warehouse.describeTable(access, reference);
      const statement = reconciliation(dialectOf(warehouse.engine), mapping, table, source, unified);
      const different = await countOf(warehouse, access, statement);
      const says = `Rows and BilledCost of each day and currency are those of ${table}; if it was loaded since, run the unified pipeline again.`;
      if (different > 0)
        findings.push({ version: 'lineage', id: `reconciled:${table}`, says, rows: different });
      const unknown = source
        ? await countOf(warehouse, access, unknownWriters(mapping.costs.day, table, source, writers))
        : 0;
      if (unknown > 0) findings.push(ofNoWriter(table, unknown));
      tables.push(table);
    }
  }
  const elsewhere = await countOf(warehouse, access, ofOtherTables(unified, tables));
  if (elsewhere > 0) findings.push(ofNoTable(elsewhere));
  return { rules: 2 * tables.length + 1, findings };
}

function unknownWriters(
  day: string,
  table: string,
  source: DescribedTable,
  writers: readonly TableWriter[],
): string {
  const known = writers.filter((writer) => writer.table === table).map(({ pipeline }) => `'${pipeline}'`);
  const unknown = known.length === 0 ? 'TRUE' : `_pipeline NOT IN (${known.join(', ')})`;
  // Every row has a day; a partitioned table may want to hear of it.
  return `SELECT COUNT(*) FROM ${source.sqlName} WHERE ${day} IS NOT NULL AND ${unknown}`;
}

function ofNoWriter(table: string, rows: number): FocusCheck['findings'][number] {
  return {
    version: 'lineage',
    id: `writers:${table}`,
    says: `Every row of ${table} was loaded by a pipeline that loads into it.`,
    rows,
    deviation:
      'The pipeline is gone, renamed or loads elsewhere; its rows are billed until they are taken over or deleted (docs/pipelines.md).',
  };
}

function ofOtherTables({ sqlName }: DescribedTable, tables: readonly string[]): string {
  const names = tables.map((table) => `'${table}'`).join(', ');
  return `SELECT COUNT(*) FROM ${sqlName} WHERE x_ChargeDate IS NOT NULL AND x_SourceTable NOT IN (${names})`;
}

function ofNoTable(rows: number): FocusCheck['findings'][number] {
  return {
    version: 'lineage',
    id: 'sources',
    says: 'Every charge comes from a table that a pipeline of the catalog loads; where one is gone, run or backfill the unified pipeline over its days.',
    rows,
  };
}
