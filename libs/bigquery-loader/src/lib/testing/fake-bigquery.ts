import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { decodeUpload } from './decode-upload.ts';

export interface FakeTable {
  schema: { fields: { name: string; type: string; mode: string }[] };
  etag: string;
  rows: Record<string, unknown>[];
  [property: string]: unknown;
}

export interface FakeJob {
  jobReference: { jobId: string; projectId: string; location: string };
  configuration: {
    labels: Record<string, string>;
    jobTimeoutMs: string;
    load?: {
      destinationTable: { projectId: string; datasetId: string; tableId: string };
      [property: string]: unknown;
    };
    query?: FakeQuery;
    dryRun?: boolean;
  };
  status: { state: string; errorResult?: FakeError; errors?: FakeError[] };
  statistics?: { query: { totalBytesProcessed: string } };
}

export interface FakeQuery {
  readonly query: string;
  readonly location?: string;
  readonly maximumBytesBilled?: string;
  readonly queryParameters?: readonly {
    readonly name: string;
    readonly parameterValue: { readonly value: string };
  }[];
  readonly [property: string]: unknown;
}

export interface FakeError {
  readonly reason: string;
  readonly message: string;
}

export interface FakeRequest {
  readonly method: string;
  readonly project: string;
  /** Below the project, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: Buffer;
  readonly headers: IncomingMessage['headers'];
}

/** `lose` does what was asked and breaks the connection; a status answers in its place and does nothing. */
export type Interference = 'lose' | { readonly status: number; readonly reason: string } | undefined;

interface Answer {
  readonly status: number;
  readonly body?: unknown;
}

const ROUTE = /^(?<upload>\/upload)?\/bigquery\/v2\/projects\/(?<project>[^/]+)(?<path>\/.*)$/;

/** The projects there are, and where the data of each lies. */
const LOCATIONS: Readonly<Record<string, string>> = { 'test-project': 'europe-west1', 'acme-project': 'EU' };

/**
 * The part of the BigQuery REST API that the adapter uses, on 127.0.0.1, strict where BigQuery is: job ids happen
 * once, `jobs.get` needs the location, labels belong to the configuration, loads go into existing empty tables.
 * It runs no SQL: the spec answers each statement. What belongs to another project than `test-project` is kept under
 * `project:name`.
 */
export class FakeBigQuery {
  readonly datasets = new Map<string, Record<string, unknown>>();
  readonly tables = new Map<string, FakeTable>();
  readonly jobs = new Map<string, FakeJob>();
  readonly requests: FakeRequest[] = [];
  /** Answers a query with rows or an error. */
  answer: (query: FakeQuery) => Record<string, string>[] | FakeError = () => [];
  interfere: (request: FakeRequest) => Interference = () => undefined;

  private constructor(private readonly server: Server) {}

  static async start(): Promise<FakeBigQuery> {
    const server = createServer();
    const fake = new FakeBigQuery(server);
    server.on('request', (request, response) => void fake.serve(request, response));
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    return fake;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  reset(): void {
    for (const state of [this.datasets, this.tables, this.jobs]) state.clear();
    this.requests.length = 0;
    this.answer = () => [];
    this.interfere = () => undefined;
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve));
    this.server.closeAllConnections();
    await closed;
  }

  /** Requests as `METHOD path`. */
  get calls(): string[] {
    return this.requests.map(({ method, path }) => `${method} ${path}`);
  }

  private async serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(incoming.url!, this.url);
    const body = await buffer(incoming).catch(() => undefined);
    if (!body) return;
    const { upload = '', project = '', path = url.pathname } = ROUTE.exec(url.pathname)?.groups ?? {};
    const { method, headers } = incoming;
    const request = {
      method: method!,
      project,
      path: `${upload}${path}`,
      query: url.searchParams,
      body,
      headers,
    };
    this.requests.push(request);
    const interference = this.interfere(request);
    const answer =
      typeof interference === 'object'
        ? failure(interference.status, interference.reason)
        : this.handle(request);
    if (interference === 'lose') {
      incoming.socket.destroy();
      return;
    }
    response.writeHead(answer.status, { 'content-type': 'application/json' });
    response.end(answer.body === undefined ? '' : JSON.stringify(answer.body));
  }

  private handle(request: FakeRequest): Answer {
    const { method, project, path, query, body } = request;
    if (!(project in LOCATIONS)) return failure(403, 'accessDenied');
    const [, collection, id, child, childId] = path.split('/') as (string | undefined)[];
    if (path === '/upload/jobs') {
      if (query.get('uploadType') !== 'multipart') return failure(400, 'invalid');
      const { metadata, rows } = decodeUpload(request);
      return this.insertJob(metadata as FakeJob, rows);
    }
    const json = body.length > 0 ? (JSON.parse(body.toString()) as Record<string, unknown>) : {};
    if (collection === 'datasets' && child === 'tables') return this.handleTable(request, id!, childId, json);
    if (collection === 'datasets') return this.handleDataset(request, id, json);
    if (method === 'POST' && path === '/jobs') return this.insertJob(json as unknown as FakeJob);
    if (method === 'GET' && collection === 'jobs') return this.getJob(keyOf(project, id!), query);
    if (method === 'POST' && path === '/queries') return this.runQuery(project, json as unknown as FakeQuery);
    return failure(501, 'notImplemented');
  }

  private handleDataset(
    { method, project }: FakeRequest,
    id: string | undefined,
    json: Record<string, unknown>,
  ): Answer {
    if (method === 'GET') {
      const existing = this.datasets.get(keyOf(project, id!));
      return existing ? ok(existing) : failure(404, 'notFound');
    }
    const key = keyOf(project, (json.datasetReference as { datasetId: string }).datasetId);
    if (this.datasets.has(key)) return failure(409, 'duplicate');
    this.datasets.set(key, json);
    return ok(json);
  }

  private handleTable(
    { method, project, headers }: FakeRequest,
    datasetId: string,
    id: string | undefined,
    json: Record<string, unknown>,
  ): Answer {
    const dataset = keyOf(project, datasetId);
    if (!this.datasets.has(dataset)) return failure(404, 'notFound');
    if (method === 'POST') {
      const key = `${dataset}.${(json.tableReference as { tableId: string }).tableId}`;
      if (this.tables.has(key)) return failure(409, 'duplicate');
      const table = { ...inheriting(json, this.datasets.get(dataset)!), etag: 'etag-1', rows: [] };
      this.tables.set(key, table as unknown as FakeTable);
      return ok(json);
    }
    const table = this.tables.get(`${dataset}.${id}`);
    if (!table) return failure(404, 'notFound');
    if (method === 'DELETE') this.tables.delete(`${dataset}.${id}`);
    if (method === 'PATCH') {
      if (headers['if-match'] !== table.etag) return failure(412, 'conditionNotMet');
      Object.assign(table, withoutNulls(json), { etag: 'etag-2' });
      for (const [name, value] of Object.entries(json)) if (value === null) delete table[name];
    }
    return method === 'DELETE' ? { status: 204 } : ok(table);
  }

  private insertJob(job: FakeJob, rows: Record<string, unknown>[] = []): Answer {
    const { jobReference, configuration } = job;
    const { projectId, location } = jobReference;
    const key = keyOf(projectId, jobReference.jobId);
    if (location !== LOCATIONS[projectId]) return failure(404, 'notFound');
    if (configuration.dryRun) return ok({ jobReference, configuration, status: { state: 'DONE' } });
    if (!configuration.labels?.run || !configuration.jobTimeoutMs) return failure(400, 'invalid');
    if (configuration.query && !isBounded(configuration.query)) return failure(400, 'invalid');
    if (this.jobs.has(key)) return failure(409, 'duplicate');
    const outcome = configuration.load
      ? this.load(projectId, configuration.load, rows)
      : this.answer(configuration.query!);
    const status = Array.isArray(outcome)
      ? { state: 'DONE' }
      : { state: 'DONE', errorResult: outcome, errors: [outcome] };
    this.jobs.set(key, {
      jobReference,
      configuration,
      status,
      ...(configuration.query && { statistics: { query: { totalBytesProcessed: '4096' } } }),
    });
    // As BigQuery does, the job is still running when its insertion is answered.
    return ok({ jobReference, configuration, status: { state: 'RUNNING' } });
  }

  private load(
    project: string,
    load: NonNullable<FakeJob['configuration']['load']>,
    rows: Record<string, unknown>[],
  ): [] | FakeError {
    const invalid = (message: string): FakeError => ({ reason: 'invalid', message });
    const { projectId, datasetId, tableId } = load.destinationTable;
    if (projectId !== project) return invalid('The destination lies in another project');
    const table = this.tables.get(keyOf(project, `${datasetId}.${tableId}`));
    if (!table) return { reason: 'notFound', message: `Not found: Table ${tableId}` };
    if (load.sourceFormat !== 'NEWLINE_DELIMITED_JSON') return invalid('Could not parse as CSV');
    if (load.writeDisposition !== 'WRITE_EMPTY' || table.rows.length > 0)
      return invalid('Table is not empty');
    const { fields } = table.schema;
    for (const row of rows) {
      const surplus = Object.keys(row).find((key) => !fields.some(({ name }) => name === key));
      if (surplus !== undefined) return invalid(`No such field: ${surplus}`);
      const missing = fields.find(({ name, mode }) => mode === 'REQUIRED' && (row[name] ?? null) === null);
      if (missing) return invalid(`Missing required field: ${missing.name}`);
    }
    table.rows.push(...rows);
    return [];
  }

  /** A job is found in its own location alone. */
  private getJob(key: string, query: URLSearchParams): Answer {
    const job = this.jobs.get(key);
    return job?.jobReference.location === query.get('location') ? ok(job) : failure(404, 'notFound');
  }

  private runQuery(project: string, query: FakeQuery): Answer {
    if (query.location !== LOCATIONS[project]) return failure(404, 'notFound');
    if (!isBounded(query)) return failure(400, 'invalid');
    const outcome = this.answer(query);
    if (!Array.isArray(outcome)) {
      return failure(outcome.reason === 'notFound' ? 404 : 400, outcome.reason, outcome.message);
    }
    const jobReference = { jobId: 'query', projectId: project, location: query.location };
    return ok({ jobComplete: true, jobReference, ...resultOf(outcome) });
  }
}

/** A new table, or view, takes the dataset's default expirations where it has none of its own; null is none. */
function inheriting(
  table: Record<string, unknown>,
  { defaultTableExpirationMs, defaultPartitionExpirationMs }: Record<string, unknown>,
): Record<string, unknown> {
  const own = withoutNulls(table);
  const partitioning = own.timePartitioning as Record<string, unknown> | undefined;
  if (partitioning && defaultPartitionExpirationMs !== undefined) {
    return { ...own, timePartitioning: { expirationMs: defaultPartitionExpirationMs, ...partitioning } };
  }
  return defaultTableExpirationMs === undefined
    ? own
    : { expirationTime: String(Date.now() + Number(defaultTableExpirationMs)), ...own };
}

/** Null is what a resource does not have. */
function withoutNulls(resource: Record<string, unknown>): Record<string, unknown> {
  const isObject = (value: unknown): value is Record<string, unknown> =>
    typeof value === 'object' && value !== null && !Array.isArray(value);
  return Object.fromEntries(
    Object.entries(resource)
      .filter(([, value]) => value !== null)
      .map(([name, value]) => [name, isObject(value) ? withoutNulls(value) : value]),
  );
}

function keyOf(project: string, name: string): string {
  return project === 'test-project' ? name : `${project}:${name}`;
}

/** Stricter than BigQuery, which runs a query without a limit at any cost. */
function isBounded({ maximumBytesBilled }: FakeQuery): boolean {
  return /^[1-9]\d*$/.test(maximumBytesBilled ?? '');
}

function ok(body: unknown): Answer {
  return { status: 200, body };
}

function failure(status: number, reason: string, message = `fake: ${reason}`): Answer {
  return {
    status,
    body: { error: { code: status, message, errors: [{ reason, message, domain: 'global' }] } },
  };
}

/** The wire form of rows: every field a nullable STRING. */
function resultOf(rows: Record<string, string>[]): object {
  return {
    schema: {
      fields: Object.keys(rows[0] ?? {}).map((name) => ({ name, type: 'STRING', mode: 'NULLABLE' })),
    },
    rows: rows.map((row) => ({ f: Object.values(row).map((v) => ({ v })) })),
    totalRows: String(rows.length),
  };
}
