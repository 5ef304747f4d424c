import { pipeline, Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import type { BigQuery } from '@google-cloud/bigquery';
import type { Load, Row } from '@pipelines/pipeline';
import type { BigQueryFailure } from './bigquery.errors.ts';
import { jobId } from './job-id.ts';
import { jobLabels } from './job-labels.ts';
import type { JobRequest, Jobs } from './jobs.ts';
import { toNdjson } from './ndjson.ts';
import { stagingTable } from './table-names.ts';

/**
 * Streams the batches into the staging table with one load job: gzip NDJSON, free of charge, all or nothing.
 *
 * The client's own `table.createWriteStream` puts the labels where BigQuery does not look, and ends the process when
 * there are no credentials; so the multipart request is made here, with the client's authentication.
 * @throws PipelineError `schema_mismatch`, `warehouse_unavailable` or `warehouse_rejected`; what the batches throw.
 */
export async function loadRows(
  client: BigQuery,
  jobs: Jobs,
  load: Load,
  batches: AsyncIterable<readonly Row[]>,
): Promise<void> {
  const configuration = {
    labels: jobLabels(load),
    load: {
      destinationTable: {
        projectId: client.projectId,
        datasetId: load.target.dataset,
        tableId: stagingTable(load),
      },
      sourceFormat: 'NEWLINE_DELIMITED_JSON',
      createDisposition: 'CREATE_NEVER',
      writeDisposition: 'WRITE_EMPTY',
    },
  };
  const lines = new FailureKeepingSource(toNdjson(load, batches));
  try {
    await jobs.runOnce(
      jobId.stageRows(load),
      configuration,
      (request) => upload(client, request, lines, load.signal),
      load.signal,
    );
  } catch (error) {
    lines.rethrow();
    throw error;
  }
  lines.rethrow();
}

async function upload(
  client: BigQuery,
  request: JobRequest,
  lines: AsyncIterable<string>,
  signal: AbortSignal,
): Promise<void> {
  const compressed = pipeline(Readable.from(lines), createGzip(), () => undefined);
  try {
    await client.authClient.request({
      url: `${client.apiEndpoint}/upload/bigquery/v2/projects/${client.projectId}/jobs`,
      params: { uploadType: 'multipart' },
      method: 'POST',
      // The data is a stream: a second try would send nothing and call it a success.
      retry: false,
      signal,
      multipart: [
        { headers: new Headers({ 'Content-Type': 'application/json' }), content: JSON.stringify(request) },
        { headers: new Headers({ 'Content-Type': 'application/octet-stream' }), content: compressed },
      ],
    });
  } catch (error) {
    throw bodyOf(error) ?? error;
  } finally {
    compressed.destroy();
  }
}

/** The API's error object inside the HTTP client's error. */
function bodyOf(error: unknown): BigQueryFailure | undefined {
  const { response } = error as { response?: { data?: { error?: BigQueryFailure } } };
  const failure = response?.data?.error;
  return typeof failure === 'object' ? failure : undefined;
}

/**
 * Passes texts on once, and keeps the error that ended them: behind gzip and HTTP it would come back as a broken
 * request. Once only, because a client that authenticates anew would send the rest of the rows as if it were all.
 */
class FailureKeepingSource implements AsyncIterable<string> {
  private failure?: { readonly error: unknown };
  private begun = false;

  constructor(private readonly source: AsyncIterable<string>) {}

  async *[Symbol.asyncIterator](): AsyncGenerator<string> {
    if (this.begun) throw new Error('The rows were streamed once already');
    this.begun = true;
    try {
      yield* this.source;
    } catch (error) {
      this.failure = { error };
      throw error;
    }
  }

  rethrow(): void {
    if (this.failure) throw this.failure.error;
  }
}
