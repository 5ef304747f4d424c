import type { BigQuery, Query, QueryResultsOptions, QueryRowsResponse } from '@google-cloud/bigquery';
import type { TakeRows, TextRow } from '@pipelines/pipeline';
import { toPipelineError } from './bigquery.errors.ts';

/** A page of the API has 10 MB at most, however many rows are asked for. */
const PAGE_ROWS = 10_000;

/** Hands over the answer of a query whose columns are text, page by page. It is asked once; pages cost nothing. */
export async function readPages(
  client: BigQuery,
  query: Query,
  signal: AbortSignal,
  take: TakeRows,
): Promise<void> {
  const [job] = await translated(client.createQueryJob(query));
  let page: QueryResultsOptions | null | undefined = { maxResults: PAGE_ROWS, autoPaginate: false };
  while (page) {
    signal.throwIfAborted();
    const [rows, next]: QueryRowsResponse = await translated(job.getQueryResults(page));
    // There is another page also while the query still runs.
    if (rows.length > 0) await take(rows as TextRow[]);
    page = next as QueryResultsOptions | null | undefined;
  }
}

async function translated<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    throw toPipelineError(error);
  }
}
