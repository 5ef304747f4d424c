import type { Load, TableWriter, Warehouse } from '@pipelines/pipeline';
import { FOCUS_VERSIONS, type FocusVersion } from '../focus/focus-columns.ts';
import { dialectOf } from '../sql/dialect-of.ts';
import { viewOf } from '../unified/focus-unified.schema.ts';
import { requireTable } from '../unified/require-table.ts';
import { checkStatement } from './check-statement.ts';
import { checkSources } from './check-sources.ts';
import { countOf } from './count-of.ts';
import { shapeProblems } from './shape-problems.ts';

/** A rule that is not met. */
export interface Finding {
  /** Of FOCUS; `lineage` for what only the unified table itself has to meet. */
  readonly version: FocusVersion | 'lineage';
  readonly id: string;
  readonly says: string;
  /** Rows that break it; of a missing or wrong column all that there are, of `reconciled` days and currencies. */
  readonly rows: number;
  /** Why it is accepted; absent for a violation. */
  readonly deviation?: string;
}

/** What a check found, and of how many rules and rows. */
export interface FocusCheck {
  readonly rows: number;
  readonly rules: number;
  readonly findings: readonly Finding[];
}

/**
 * Checks a unified table: both views by every rule of their versions, and its sums against its sources.
 * @param writers Pipelines of the catalog that load into its dataset.
 * @throws PipelineError `source_not_found` when the unified pipeline has not run.
 */
export async function checkFocus(
  warehouse: Warehouse,
  access: Load,
  writers: readonly TableWriter[],
): Promise<FocusCheck> {
  const { table: unifiedTable } = access.target;
  const findings: Finding[] = [];
  let rules = 0;
  const unified = await requireTable(warehouse, access, unifiedTable);
  const rows = await countOf(warehouse, access, `SELECT COUNT(*) FROM ${unified.sqlName}`);
  for (const version of FOCUS_VERSIONS) {
    const view = await requireTable(warehouse, access, viewOf(version));
    const problems = shapeProblems(version, dialectOf(warehouse.engine), view.columns);
    findings.push(...problems.map((problem) => ({ version, ...problem, rows })));
    // The statement names every column; of a view that lacks one it could not be asked.
    if (problems.length > 0) continue;
    const { rules: counted, ...query } = checkStatement(version, warehouse.engine, view.sqlName, access.org);
    const [counts] = await warehouse.read(access, query);
    rules += counted.length;
    for (const { id, says, deviation, count } of counted) {
      const broken = Number(counts![count]);
      if (broken > 0) findings.push({ version, id, says, deviation, rows: broken });
    }
  }
  const sources = await checkSources(warehouse, access, unified, writers);
  return { rows, rules: rules + sources.rules, findings: [...findings, ...sources.findings] };
}
