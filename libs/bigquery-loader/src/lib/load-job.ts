import { randomUUID } from 'node:crypto';
import { pipeline, Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import type { BigQuery } from '@google-cloud/bigquery';
import type { Load, Row, StageReceipt } from '@pipelines/pipeline';
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
): Promise<StageReceipt> {
  const id = jobId.stageRows(load);
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
  let bytesStaged = 0;
  const count = (chunk: Uint8Array) => (bytesStaged += chunk.byteLength);
  try {
    await jobs.runOnce(
      id,
      configuration,
      (request) => upload(client, request, lines, count, load.signal),
      load.signal,
    );
  } catch (error) {
    lines.rethrow();
    throw error;
  }
  lines.rethrow();
  return { bytesStaged, bytesProcessed: 0, jobIds: [id] };
}

async function upload(
  client: BigQuery,
  request: JobRequest,
  lines: AsyncIterable<string>,
  count: (chunk: Uint8Array) => void,
  signal: AbortSignal,
): Promise<void> {
  const compressed = pipeline(Readable.from(lines), createGzip(), () => undefined);
  const boundary = randomUUID();
  try {
    await client.authClient.request({
      url: `${client.apiEndpoint}/upload/bigquery/v2/projects/${client.projectId}/jobs`,
      params: { uploadType: 'multipart' },
      method: 'POST',
      headers: { 'content-type': `multipart/related; boundary=${boundary}` },
      // As `data`, because the client sends a stream once only; parts given as `multipart` it would send again, empty
      // by then, when it has to renew its token.
      data: Readable.from(multipartBody(boundary, request, counted(compressed, count))),
      retry: false,
      signal,
    });
  } catch (error) {
    throw bodyOf(error) ?? error;
  } finally {
    compressed.destroy();
  }
}

async function* counted(
  chunks: AsyncIterable<Uint8Array>,
  count: (chunk: Uint8Array) => void,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    count(chunk);
    yield chunk;
  }
}

async function* multipartBody(
  boundary: string,
  request: JobRequest,
  data: AsyncIterable<Uint8Array>,
): AsyncGenerator<string | Uint8Array> {
  yield `--${boundary}\r\nContent-Type: application/json\r\n\r\n${JSON.stringify(request)}\r\n`;
  yield `--${boundary}\r\nContent-Type: application/octet-stream\r\n\r\n`;
  yield* data;
  yield `\r\n--${boundary}--`;
}

/** The API's error object inside the HTTP client's error. */
function bodyOf(error: unknown): BigQueryFailure | undefined {
  const { response } = error as { response?: { data?: { error?: BigQueryFailure } } };
  const failure = response?.data?.error;
  return typeof failure === 'object' ? failure : undefined;
}

/** Passes texts on and keeps the error that ended them: behind gzip and HTTP it would come back as a broken request. */
class FailureKeepingSource implements AsyncIterable<string> {
  private failure?: { readonly error: unknown };

  constructor(private readonly source: AsyncIterable<string>) {}

  async *[Symbol.asyncIterator](): AsyncGenerator<string> {
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
