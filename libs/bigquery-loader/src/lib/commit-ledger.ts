import type { BigQuery, TableField } from '@google-cloud/bigquery';
import {
  toCommitReceipt,
  type CommitEntry,
  type CommitReceipt,
  type EarlierLoad,
  type Load,
} from '@pipelines/pipeline';
import { hasStatus, toPipelineError } from './bigquery.errors.ts';
import { moneyText, restatedCount, restatedText } from './commit-figures.ts';
import { runLabels } from './job-labels.ts';
import { quoteTable } from './table-names.ts';

/** The table of a dataset's commits, one row per run. Targets cannot have this name. */
export const LEDGER_TABLE = '_pipelines_commits';

const field = (name: string, type: 'STRING' | 'INTEGER' | 'TIMESTAMP', description: string): TableField => ({
  name,
  type,
  mode: 'REQUIRED',
  description,
});

/** Its columns; {@link CommitEntry} tells what the texts hold. */
export const LEDGER_FIELDS: readonly TableField[] = [
  field('run_id', 'STRING', 'Run that committed'),
  field('attempt', 'INTEGER', 'Attempt of the run that committed'),
  field('target', 'STRING', 'dataset.table'),
  field('committed_at', 'TIMESTAMP', 'When the transaction began, UTC'),
  field('rows_committed', 'INTEGER', 'Rows of the run in the target'),
  field('rows_replaced', 'INTEGER', 'Rows of the target that the commit removed'),
  field('money', 'STRING', 'JSON: committed sums per money column and currency'),
  field('days_replaced', 'STRING', 'JSON: days of the window that held rows before'),
  field('restated_figures', 'INTEGER', 'How many figures differ from before'),
  field('restated', 'STRING', 'JSON: the newest of these figures, before and after'),
  field('job_id', 'STRING', 'Job that committed'),
  field('proof', 'STRING', 'JSON: what the attempt had proven before'),
];

const NAMES = LEDGER_FIELDS.map(({ name }) => name!);

/** The statement that enters a commit; part of its transaction. */
export function enterCommit(ledger: string, load: Load): string[] {
  const values = [
    '@run_id',
    'CAST(@attempt AS INT64)',
    `'${load.target.dataset}.${load.target.table}'`,
    'CURRENT_TIMESTAMP()',
    'committed',
    'replaced',
    moneyText(load),
    'days',
    restatedCount(load),
    restatedText(load),
    '@job_id',
    '@proof',
  ];
  return [`INSERT INTO ${ledger} (${NAMES.join(', ')})`, `SELECT ${values.join(',\n  ')};`];
}

/** Where the ledger is read, and what reading it may cost. */
export interface LedgerAccess {
  readonly client: BigQuery;
  readonly location: string;
  readonly maximumBytesBilled: string;
}

/**
 * The receipt of the run's commit, if the ledger of the target's dataset has one.
 * @throws PipelineError `warehouse_unavailable` or `warehouse_rejected` when the ledger cannot be read.
 */
export async function findCommit(
  { client, location, maximumBytesBilled }: LedgerAccess,
  load: EarlierLoad,
): Promise<CommitReceipt | undefined> {
  const ledger = quoteTable(client.projectId, load, LEDGER_TABLE);
  try {
    const [[entry]] = await client.query({
      query: `SELECT ${NAMES.map((name) => `CAST(${name} AS STRING) AS ${name}`).join(', ')}\nFROM ${ledger} WHERE run_id = @run_id`,
      params: { run_id: load.runId },
      location,
      labels: runLabels(load),
      maximumBytesBilled,
    });
    return entry && toCommitReceipt(entry as CommitEntry, load.attempt);
  } catch (error) {
    if (hasStatus(error, 404)) return undefined;
    throw toPipelineError(error);
  }
}
