import type { BigQuery, JobMetadata } from '@google-cloud/bigquery';
import { Logger } from '@nestjs/common';
import type { CommitReceipt } from '@pipelines/pipeline';

type Counts = Pick<CommitReceipt, 'rowsCommitted' | 'rowsReplaced'>;

const logger = new Logger('BigQueryWarehouse');

/**
 * What a commit job that succeeded did. The result of its script tells, and expires after a day; the statistics of the
 * script's statements stay with the jobs for six months. Never throws: when neither can be read the counts are 0,
 * because a run that has committed must not fail for want of them.
 */
export async function readCommitCounts(client: BigQuery, id: string, location: string): Promise<Counts> {
  try {
    return await fromResult(client, id, location).catch(() => fromStatements(client, id));
  } catch (error) {
    logger.warn(`Job ${id} committed, but its row counts cannot be read: ${String(error)}`);
    return { rowsCommitted: 0, rowsReplaced: 0 };
  }
}

async function fromResult(client: BigQuery, id: string, location: string): Promise<Counts> {
  const [[counts]] = await client.job(id, { location }).getQueryResults({ maxResults: 1 });
  const { committed, replaced } = counts as { committed: string; replaced: string };
  return { rowsCommitted: Number(committed), rowsReplaced: Number(replaced) };
}

/** A script runs each of its statements as a job of its own. */
async function fromStatements(client: BigQuery, id: string): Promise<Counts> {
  const [statements] = await client.getJobs({ parentJobId: id });
  const changes = statements.map(
    ({ metadata }) => (metadata as JobMetadata).statistics?.query?.dmlStats ?? {},
  );
  return {
    rowsCommitted: changes.reduce((sum, { insertedRowCount }) => sum + Number(insertedRowCount ?? 0), 0),
    rowsReplaced: changes.reduce((sum, { deletedRowCount }) => sum + Number(deletedRowCount ?? 0), 0),
  };
}
