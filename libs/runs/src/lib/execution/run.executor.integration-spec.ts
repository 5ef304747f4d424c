import { randomUUIDv7 } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { inspect } from 'node:util';
import { afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import type { PipelineCatalog, ResolvedPipeline } from '@pipelines/config-resolver';
import type { CredentialStore } from '@pipelines/credentials';
import {
  PipelineError,
  Secret,
  type ProcessorContext,
  type DescribedTable,
  type ProcessorFactory,
  type QueryProcessor,
  type Row,
  type RowProcessor,
  type TableSchema,
  type TargetReader,
  type WarehousePlace,
} from '@pipelines/pipeline';
import { MemoryWarehouse } from '../../testing/memory-warehouse.ts';
import { useRunDatabase } from '../../testing/use-run-database.ts';
import { counterOf, givenOrganization, UNLIMITED } from '../../testing/test-organization.ts';
import { cancelRun } from '../settlement/cancel-run.ts';
import { admitRun } from '../admission/admit-run.ts';
import type { RunReceipt } from '../run.entity.ts';
import { WorkerStoppedError } from './attempt-work.ts';
import { CommitLine } from './commit-line.ts';
import { RunLoad } from './run-load.ts';
import { RunMetrics } from '../metrics/run-metrics.ts';
import { RunExecutor } from './run.executor.ts';
import { WarehouseAccess } from './warehouse-access.ts';

const SCHEMA: TableSchema = {
  description: 'costs',
  columns: [],
  windowColumn: 'usage_date',
  money: [{ amount: 'amount', currency: 'currency' }],
};
const ROWS: readonly Row[] = [
  { usage_date: '2026-11-01', amount: '1.25', currency: 'USD' },
  { usage_date: '2026-11-01', amount: '-0.25', currency: 'USD' },
];
const UNAVAILABLE = new PipelineError(
  'provider_unavailable',
  'openai answered with a server error (HTTP 503).',
);

/** What the run's surroundings do; each test changes what it is about. */
interface Surroundings {
  timeoutMs: number;
  extract: RowProcessor['extract'];
  openCredential: () => Promise<Secret<object>>;
  /** Name of the credential for the warehouse. */
  targetCredentials?: string;
  openTargetCredential: () => Promise<{ secret: Secret<object>; version: number }>;
  schema: TableSchema;
  /** Takes the place of the one that extracts. */
  processor?: QueryProcessor;
}

interface RunRow {
  status: string;
  reason: string | null;
  attempt: number;
  retries: number;
  error_code: string | null;
  error_message: string | null;
  receipt: RunReceipt | null;
}

describe('RunExecutor', () => {
  const database = useRunDatabase();
  let warehouse: MemoryWarehouse;
  let surroundings: Surroundings;
  let org: string;
  let organizations = 0;
  let metrics: RunMetrics;

  beforeAll(async () => {
    Logger.overrideLogger(false);
  });

  beforeEach(() => {
    warehouse = new MemoryWarehouse();
    metrics = new RunMetrics();
    surroundings = {
      timeoutMs: 20_000,
      extract: async function* () {
        yield ROWS;
      },
      openCredential: () => Promise.resolve(new Secret({})),
      openTargetCredential: () => Promise.resolve({ secret: new Secret({}), version: 1 }),
      schema: SCHEMA,
    };
  });

  function executor(): RunExecutor {
    const processor: RowProcessor = {
      kind: 'rows',
      schemaFor: () => surroundings.schema,
      extract: (context: ProcessorContext, target: TargetReader) => surroundings.extract(context, target),
    };
    const resolved = {
      processorClass: 'Any',
      module: 'any',
      options: {},
      target: {
        dataset: 'acme_dev',
        table: 'openai_costs',
        writeDisposition: 'replace_partitions',
        credentials: surroundings.targetCredentials,
      },
      writers: [],
      credentials: 'default',
      timeoutMs: surroundings.timeoutMs,
      hash: 'hash',
    } as Partial<ResolvedPipeline> as ResolvedPipeline;
    const catalog = {
      find: () => ({ retry: { limit: 2, delayMs: 60_000 } }),
      resolveRun: () => resolved,
    } as unknown as PipelineCatalog;
    const credentials = {
      open: () => surroundings.openCredential(),
      openVersion: () => surroundings.openTargetCredential(),
      isNeededFor: () => true,
    } as unknown as CredentialStore;
    const access = new WarehouseAccess(warehouse, credentials);
    const processors = {
      find: () => ({ instance: surroundings.processor ?? processor }),
    } as unknown as ProcessorFactory;
    const line = new CommitLine(database.dataSource, { commitPollMs: 5 });
    const loads = new RunLoad(warehouse, processors, access, database.dataSource, line);
    return new RunExecutor(database.dataSource, database.queue, catalog, credentials, loads, metrics);
  }

  /** How many writes of attempts were refused, by what they were to write. */
  async function refusedWrites(): Promise<Record<string, number>> {
    const { values } = await metrics.registry.getSingleMetric('pipelines_stale_writes_refused_total')!.get();
    return Object.fromEntries(
      values.flatMap(({ labels, value }) => (value > 0 ? [[labels.write, value]] : [])),
    );
  }

  async function givenRun(): Promise<string> {
    org = `org_${++organizations}`;
    await givenOrganization(database.dataSource, org);
    return anotherRun();
  }

  /** Of the same organization. */
  async function anotherRun(): Promise<string> {
    const runId = randomUUIDv7();
    const plan = { ...UNLIMITED, org };
    const window = { start: '2026-11-01', end: '2026-11-02' };
    const path = { provider: 'openai', domain: 'cost', pipeline: 'costs_daily' };
    await admitRun(database.dataSource, { runId, org, window, ...path }, plan);
    return runId;
  }

  const proofOf = async (runId: string): Promise<unknown> => {
    const [row] = await database.dataSource.query<{ proof: unknown }[]>(
      'SELECT proof FROM pipelines.runs WHERE id = $1',
      [runId],
    );
    return row!.proof;
  };

  /** Lets a worker claim the run's job, whose delay counts as passed, and execute it. */
  async function execute(runId: string, stopping = new AbortController().signal): Promise<RunRow> {
    await database.dataSource.query('UPDATE pgboss.job SET start_after = now() WHERE id = $1', [runId]);
    const attempt = await database.claim();
    expect(attempt?.runId).toBe(runId);
    await executor().execute(attempt!, stopping);
    const [row] = await database.dataSource.query<RunRow[]>(
      'SELECT status, reason, attempt, retries, error_code, error_message, receipt FROM pipelines.runs WHERE id = $1',
      [runId],
    );
    return row!;
  }

  /** Gives the organization another place in the warehouse. */
  const moveTo = ({ project, location }: WarehousePlace) =>
    database.dataSource.query(
      'UPDATE pipelines.organizations SET warehouse_project = $2, warehouse_location = $3 WHERE slug = $1',
      [org, project, location],
    );

  /** Waits for a renewal of the lease that began after this was called. */
  async function untilRenewed(runId: string): Promise<void> {
    const lease = async () => {
      const [row] = await database.dataSource.query<{ lease: Date }[]>(
        'SELECT lease_expires_at AS lease FROM pipelines.runs WHERE id = $1',
        [runId],
      );
      return row!.lease.getTime();
    };
    const before = await lease();
    while ((await lease()) === before) await delay(50);
    // The worker has heard of it once it has renewed again.
    const heard = await lease();
    while ((await lease()) === heard) await delay(50);
  }

  it('completes with a receipt, frees the slot, and leaves neither job nor staging', async () => {
    const run = await execute(await givenRun());

    expect(run).toMatchObject({ status: 'completed', attempt: 1, error_code: null });
    expect(run.receipt).toEqual({
      target: 'acme_dev.openai_costs',
      write_disposition: 'replace_partitions',
      rows: { extracted: 2, staged: 2, committed: 2, replaced: 0 },
      money: {
        extracted: [{ column: 'amount', currency: 'USD', sum: '1' }],
        staged: [{ column: 'amount', currency: 'USD', sum: '1' }],
        committed: [{ column: 'amount', currency: 'USD', sum: '1' }],
      },
      bytes: { staged: 20, processed: 0 },
      partitions_replaced: ['2026-11-01'],
      restatement: { figures: 0, entries: [] },
      job_ids: ['stage_1', 'commit_1'],
      already_committed: false,
    });
    expect(await counterOf(database.dataSource, org)).toMatchObject({ concurrent: 0, completed: 1 });
    expect(warehouse.staging.size).toBe(0);
    expect(await database.claim()).toBeUndefined();
  });

  it('tells the truth of a commit whose reply was lost, even when nothing else works any more', async () => {
    warehouse.losesReplies = 1;
    const runId = await givenRun();
    expect(await execute(runId)).toMatchObject({ status: 'pending', reason: 'retry_backoff' });
    surroundings.openCredential = () =>
      Promise.reject(new PipelineError('credential_missing', 'Deleted meanwhile.'));
    surroundings.extract = () => {
      throw new Error('The provider must not be asked again.');
    };

    const run = await execute(runId);

    expect(run).toMatchObject({
      status: 'completed',
      attempt: 2,
      receipt: {
        rows: { extracted: 2, staged: 2, committed: 2 },
        bytes: { staged: 20, processed: 0 },
        job_ids: ['stage_1', 'commit_1'],
        already_committed: true,
      },
    });
    expect(await counterOf(database.dataSource, org)).toMatchObject({
      concurrent: 0,
      completed: 1,
      failed: 0,
    });
  });

  it('says which optional parts it did without, also when the commit is found by another attempt', async () => {
    const leftOut = [
      { part: 'names of API keys', code: 'credential_rejected', reason: 'HTTP 403' },
      { part: 'grouping by api_key_id', code: 'provider_rejected_request', reason: 'HTTP 400' },
    ] as const;
    surroundings.extract = async function* (context) {
      for (const { part, code, reason } of leftOut)
        context.leftOut.add(part, new PipelineError(code, reason));
      yield ROWS;
    };
    const atOnce = await execute(await givenRun());
    warehouse.losesReplies = 1;
    const runId = await anotherRun();
    expect(await execute(runId)).toMatchObject({ status: 'pending', reason: 'retry_backoff' });

    const found = await execute(runId);

    expect(atOnce).toMatchObject({ status: 'completed', receipt: { left_out: leftOut } });
    expect(found).toMatchObject({
      status: 'completed',
      receipt: { left_out: leftOut, already_committed: true },
    });
  });

  it('knows nothing of the parts that only an earlier attempt did without', async () => {
    let failed = false;
    surroundings.extract = async function* (context) {
      if (!failed) {
        context.leftOut.add('names of API keys', new PipelineError('provider_unavailable', 'HTTP 500'));
        failed = true;
        throw UNAVAILABLE;
      }
      yield ROWS;
    };
    const runId = await givenRun();
    expect(await execute(runId)).toMatchObject({ status: 'pending' });

    const run = await execute(runId);

    expect(run.status).toBe('completed');
    expect(run.receipt).not.toHaveProperty('left_out');
  });

  it('asks for a commit where it was made, although the organization has another place since', async () => {
    warehouse.losesReplies = 1;
    const runId = await givenRun();
    await moveTo({ project: 'acme-project' });
    expect(await execute(runId)).toMatchObject({ status: 'pending' });
    expect(warehouse.places.get(runId)).toEqual({ project: 'acme-project', location: 'EU' });
    await moveTo({ project: 'another-project', location: 'US' });

    expect(await execute(runId)).toMatchObject({
      status: 'completed',
      attempt: 2,
      receipt: { already_committed: true },
    });
  });

  it('loads into the new place when nothing was committed in the old one', async () => {
    const runId = await givenRun();
    warehouse.stalls = () => Promise.reject(new PipelineError('warehouse_unavailable', 'Not now.'));
    expect(await execute(runId)).toMatchObject({ status: 'pending' });
    warehouse.stalls = () => Promise.resolve();
    await moveTo({ project: 'another-project' });

    expect(await execute(runId)).toMatchObject({ status: 'completed', attempt: 2 });

    expect(warehouse.places.get(runId)).toEqual({ project: 'another-project', location: 'EU' });
  });

  it('fails before it stages when the credential that the target names is missing', async () => {
    warehouse.credentialProvider = 'gcp';
    surroundings.targetCredentials = 'loader';
    surroundings.openTargetCredential = () =>
      Promise.reject(new PipelineError('credential_missing', 'None is stored.'));
    let extracted = false;
    surroundings.extract = async function* () {
      extracted = true;
      yield ROWS;
    };

    expect(await execute(await givenRun())).toMatchObject({
      status: 'failed',
      error_code: 'credential_missing',
    });
    expect(extracted).toBe(false);
  });

  it('does not fail a run that may have committed, although its credential is gone', async () => {
    warehouse.credentialProvider = 'gcp';
    surroundings.targetCredentials = 'loader';
    warehouse.losesReplies = 1;
    const runId = await givenRun();
    expect(await execute(runId)).toMatchObject({ status: 'pending' });
    const open = surroundings.openTargetCredential;
    surroundings.openTargetCredential = () =>
      Promise.reject(new PipelineError('credential_missing', 'Deleted meanwhile.'));

    for (let retries = 2; retries <= 5; retries++) {
      expect(await execute(runId)).toMatchObject({ status: 'pending', reason: 'retry_backoff', retries });
    }

    surroundings.openTargetCredential = open;
    expect(await execute(runId)).toMatchObject({
      status: 'completed',
      receipt: { already_committed: true },
    });
  });

  describe('while another run commits to its target', () => {
    let leave: () => void;
    let other: Promise<unknown>;

    beforeEach(async () => {
      warehouse.line = `service-project.acme_dev.costs_${randomUUIDv7()}`;
      const ahead = await givenRun();
      const turn = new Promise<void>((resolve) => (leave = resolve));
      const took = new Promise<void>((taken) => {
        warehouse.stalls = () => {
          taken();
          return turn;
        };
      });
      other = execute(ahead);
      await took;
      warehouse.stalls = () => Promise.resolve();
    });

    afterEach(async () => {
      leave();
      await other;
      expect(await database.dataSource.query('SELECT * FROM pipelines.commit_turns')).toEqual([]);
    });

    const staged = async () => {
      while (warehouse.staging.size < 2) await delay(5);
    };

    it('stages, waits and commits behind it', async () => {
      const behind = execute(await anotherRun());
      await staged();
      expect(warehouse.commits.size).toBe(0);

      leave();

      expect(await behind).toMatchObject({ status: 'completed', attempt: 1 });
      expect(await other).toMatchObject({ status: 'completed', attempt: 1 });
    });

    it('is cancelled within seconds, and nothing is left to find out', async () => {
      const runId = await anotherRun();
      const behind = execute(runId);
      await staged();

      await cancelRun(database.dataSource, org, runId);

      expect(await behind).toMatchObject({ status: 'failed', error_code: 'cancelled', attempt: 1 });
      expect(await proofOf(runId)).toBeNull();
    });

    it('times out, and nothing is left to find out', async () => {
      surroundings.timeoutMs = 200;
      const runId = await anotherRun();

      expect(await execute(runId)).toMatchObject({ status: 'failed', error_code: 'timed_out', attempt: 1 });
      expect(await proofOf(runId)).toBeNull();
    });

    it('goes back to the queue when the worker stops', async () => {
      const stopping = new AbortController();
      const runId = await anotherRun();
      const behind = execute(runId, stopping.signal);
      await staged();

      stopping.abort(new WorkerStoppedError());

      expect(await behind).toMatchObject({ status: 'pending', reason: 'worker_stopped' });
      expect(await proofOf(runId)).toBeNull();
      leave();
      expect(await execute(runId)).toMatchObject({ status: 'completed', attempt: 2 });
    });
  });

  it('fails as timed out when a commit that outlasted the timeout has not taken place, and extracts once', async () => {
    surroundings.timeoutMs = 100;
    let extracted = 0;
    surroundings.extract = async function* ({ signal }) {
      extracted++;
      warehouse.stalls = async () => {
        await once(signal, 'abort');
        throw signal.reason;
      };
      yield ROWS;
    };
    const runId = await givenRun();
    expect(await execute(runId)).toMatchObject({ status: 'pending', reason: 'retry_backoff' });

    expect(await execute(runId)).toMatchObject({ status: 'failed', error_code: 'timed_out', attempt: 2 });
    expect(extracted).toBe(1);
  });

  it('loads no more often than the pipeline retries, however its commits fail', async () => {
    let extracted = 0;
    surroundings.extract = async function* () {
      extracted++;
      yield ROWS;
    };
    warehouse.stalls = () => Promise.reject(new PipelineError('warehouse_unavailable', 'Not now.'));
    const runId = await givenRun();
    for (const retries of [1, 2, 3]) {
      expect(await execute(runId)).toMatchObject({ status: 'pending', reason: 'retry_backoff', retries });
    }

    expect(await execute(runId)).toMatchObject({
      status: 'failed',
      error_code: 'warehouse_unavailable',
      error_message: 'Not now.',
    });
    expect(extracted).toBe(3);
  });

  it('begins anew after an outage of any length in which nothing was committed', async () => {
    warehouse.stalls = () => Promise.reject(new PipelineError('warehouse_unavailable', 'Not now.'));
    const findCommit = warehouse.findCommit.bind(warehouse);
    const runId = await givenRun();
    expect(await execute(runId)).toMatchObject({ status: 'pending', retries: 1 });
    warehouse.findCommit = () => Promise.reject(new PipelineError('warehouse_unavailable', 'Not yet.'));
    for (const retries of [2, 3, 4])
      expect(await execute(runId)).toMatchObject({ status: 'pending', retries });

    warehouse.findCommit = findCommit;
    warehouse.stalls = () => Promise.resolve();

    expect(await execute(runId)).toMatchObject({ status: 'completed' });
  });

  it('comes back in an hour, and a few times, when a quota of the warehouse refuses the commit', async () => {
    const runId = await givenRun();
    warehouse.stalls = () =>
      Promise.reject(new PipelineError('warehouse_quota_exceeded', 'Used up.', { retryAfterMs: 3_600_000 }));
    for (const retries of [1, 2]) {
      expect(await execute(runId)).toMatchObject({ status: 'pending', reason: 'retry_backoff', retries });
      const [{ minutes }] = await database.dataSource.query<[{ minutes: number }]>(
        `SELECT round(extract(epoch FROM next_attempt_at - now()) / 60)::int AS minutes FROM pipelines.runs WHERE id = $1`,
        [runId],
      );
      expect(minutes).toBe(60);
    }

    expect(await execute(runId)).toMatchObject({ status: 'failed', error_code: 'warehouse_quota_exceeded' });
  });

  it('has its staging area entered as long as it is there', async () => {
    const areas = () =>
      database.dataSource.query('SELECT attempt, org_slug, place FROM pipelines.staging_areas');
    let entered: unknown;
    surroundings.extract = async function* () {
      entered = await areas();
      yield ROWS;
    };

    await execute(await givenRun());

    expect(entered).toEqual([
      { attempt: 1, org_slug: org, place: { project: 'service-project', location: 'EU' } },
    ]);
    expect(await areas()).toEqual([]);
  });

  it('leaves a staging area that cannot be taken away to the sweeper', async () => {
    warehouse.discard = () => Promise.reject(new PipelineError('warehouse_unavailable', 'Not now.'));

    expect(await execute(await givenRun())).toMatchObject({ status: 'completed' });

    expect(await database.dataSource.query('SELECT attempt FROM pipelines.staging_areas')).toEqual([
      { attempt: 1 },
    ]);
  });

  it.each([
    [
      'an error of ours',
      (text: string) => new PipelineError('duplicate_rows', text, { operatorDetail: text }),
    ],
    ['an error that nobody foresaw', (text: string) => new TypeError(text, { cause: { message: text } })],
  ])(
    'puts nothing of the secret into the row and the log of a run that fails by %s',
    async (_kind, errorOf) => {
      surroundings.openCredential = () => Promise.resolve(new Secret({ key: 'of-no-known/shape' }));
      surroundings.openTargetCredential = () =>
        Promise.resolve({ secret: new Secret({ key: 'opens-the-warehouse' }), version: 1 });
      warehouse.credentialProvider = 'gcp';
      surroundings.targetCredentials = 'default';
      surroundings.extract = () => {
        throw errorOf('Rows share the key of-no-known%2Fshape of opens-the-warehouse.');
      };
      const logged: string[] = [];
      const warn = jest
        .spyOn(Logger.prototype, 'warn')
        .mockImplementation((said) => void logged.push(inspect(said, { depth: 9 })));

      const runId = await givenRun();
      await execute(runId);
      warn.mockRestore();

      const rows = await database.dataSource.query('SELECT * FROM pipelines.runs WHERE id = $1', [runId]);
      const shown = JSON.stringify(rows) + logged.join();
      expect(logged.join()).toContain('key [redacted] of [redacted].');
      expect(shown).not.toMatch(/of-no-known|opens-the-warehouse/);
    },
  );

  it.each(['discard', 'findCommit'] as const)(
    'logs nothing of the credential that the warehouse was opened with when its %s fails',
    async (step) => {
      const secret = new Secret({ key: 'opens-the-warehouse' });
      surroundings.openTargetCredential = () => Promise.resolve({ secret, version: 1 });
      surroundings.targetCredentials = 'default';
      warehouse.credentialProvider = 'gcp';
      warehouse.losesReplies = 1;
      const runId = await givenRun();
      if (step === 'findCommit') await execute(runId);
      jest
        .spyOn(warehouse, step)
        .mockRejectedValue(new PipelineError('warehouse_unavailable', 'Not with opens-the-warehouse.'));
      const logged: string[] = [];
      const warn = jest
        .spyOn(Logger.prototype, 'warn')
        .mockImplementation((said) => void logged.push(inspect(said, { depth: 9 })));

      await execute(runId);
      warn.mockRestore();

      const rows = await database.dataSource.query('SELECT * FROM pipelines.runs WHERE id = $1', [runId]);
      expect(logged.join()).toContain('Not with [redacted].');
      expect(JSON.stringify(rows) + logged.join()).not.toContain('opens-the-warehouse');
    },
  );

  it('tries a transient failure again as often as the pipeline says, keeping its slot', async () => {
    surroundings.extract = () => {
      throw UNAVAILABLE;
    };
    const runId = await givenRun();

    expect(await execute(runId)).toMatchObject({ status: 'pending', reason: 'retry_backoff', retries: 1 });
    expect(await counterOf(database.dataSource, org)).toMatchObject({ concurrent: 1, daily: 1 });
    expect(await execute(runId)).toMatchObject({ status: 'pending', retries: 2 });
    expect(await execute(runId)).toMatchObject({
      status: 'failed',
      error_code: 'provider_unavailable',
      attempt: 3,
    });
    expect(await counterOf(database.dataSource, org)).toMatchObject({ concurrent: 0, failed: 1, daily: 1 });
  });

  it('does not try a terminal failure again', async () => {
    surroundings.openCredential = () =>
      Promise.reject(new PipelineError('credential_missing', 'None is stored.'));

    const run = await execute(await givenRun());

    expect(run).toMatchObject({ status: 'failed', error_code: 'credential_missing', attempt: 1, retries: 0 });
  });

  it('commits nothing that differs from what was extracted', async () => {
    warehouse.losesRows = 1;
    const runId = await givenRun();

    const run = await execute(runId);

    expect(run).toMatchObject({ status: 'failed', error_code: 'receipt_mismatch', receipt: null });
    expect(warehouse.commits.has(runId)).toBe(false);
    expect(warehouse.staging.size).toBe(0);
  });

  it('fails a run that exceeds its timeout, and stops its work', async () => {
    surroundings.timeoutMs = 50;
    let stopped = false;
    surroundings.extract = async function* ({ signal }) {
      yield ROWS;
      await new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          stopped = true;
          reject(signal.reason as Error);
        });
      });
    };

    const run = await execute(await givenRun());

    expect(run).toMatchObject({ status: 'failed', error_code: 'timed_out' });
    expect(stopped).toBe(true);
  });

  it('gives the run of a stopping worker to another one', async () => {
    const stopping = new AbortController();
    surroundings.extract = async function* ({ signal }) {
      yield ROWS;
      stopping.abort(new WorkerStoppedError());
      signal.throwIfAborted();
    };
    const runId = await givenRun();
    expect(await execute(runId, stopping.signal)).toMatchObject({
      status: 'pending',
      reason: 'worker_stopped',
    });
    surroundings.extract = async function* () {
      yield ROWS;
    };

    expect(await execute(runId)).toMatchObject({ status: 'completed', attempt: 2, retries: 0 });
  });

  it('writes nothing of an attempt that was taken over while it worked', async () => {
    const runId = await givenRun();
    surroundings.extract = async function* () {
      yield ROWS;
      await database.dataSource.query('UPDATE pipelines.runs SET attempt = attempt + 1 WHERE id = $1', [
        runId,
      ]);
    };

    expect(await execute(runId)).toMatchObject({ status: 'running', attempt: 2, receipt: null });

    expect(warehouse.commits.has(runId)).toBe(false);
    expect(await refusedWrites()).toEqual({ proof: 1 });
  });

  it('lets no attempt commit that was taken over right before, also when the take-over fails', async () => {
    const runId = await givenRun();
    let takeOver: RunRow | undefined;
    warehouse.stalls = async () => {
      warehouse.stalls = () => Promise.resolve();
      await database.dataSource.query(`UPDATE pgboss.job SET state = 'retry' WHERE id = $1`, [runId]);
      surroundings.openCredential = () => Promise.reject(new PipelineError('credential_missing', 'Gone.'));
      takeOver = await execute(runId);
    };

    const run = await execute(runId);

    expect(takeOver).toMatchObject({ status: 'failed', attempt: 2, error_code: 'credential_missing' });
    expect(run).toEqual(takeOver);
    expect(warehouse.commits.has(runId)).toBe(false);
  });

  it('lets no cancellation keep it from learning whether the run has committed', async () => {
    const runId = await givenRun();
    warehouse.losesReplies = 1;
    expect(await execute(runId)).toMatchObject({ status: 'pending', reason: 'retry_backoff' });
    const findCommit = warehouse.findCommit.bind(warehouse);
    warehouse.findCommit = async (load) => {
      await cancelRun(database.dataSource, org, runId);
      // A renewal of the lease reads the request, which it would pass on.
      await untilRenewed(runId);
      load.signal.throwIfAborted();
      return findCommit(load);
    };

    expect(await execute(runId)).toMatchObject({ status: 'completed', attempt: 2 });
  });

  it('asks no more for a commit that was found not to have taken place', async () => {
    const runId = await givenRun();
    warehouse.stalls = () => Promise.reject(new PipelineError('warehouse_unavailable', 'Not now.'));
    expect(await execute(runId)).toMatchObject({ status: 'pending', reason: 'retry_backoff' });
    surroundings.extract = async function* () {
      yield* [];
      throw UNAVAILABLE;
    };
    expect(await execute(runId)).toMatchObject({ status: 'pending', attempt: 2 });

    const [row] = await database.dataSource.query<object[]>(
      'SELECT proof FROM pipelines.runs WHERE id = $1',
      [runId],
    );
    expect(row).toEqual({ proof: null });
  });

  it('does not try a run again that took six workers down', async () => {
    const runId = await givenRun();
    await database.dataSource.query('UPDATE pipelines.runs SET lost_attempts = 6 WHERE id = $1', [runId]);

    expect(await execute(runId)).toMatchObject({ status: 'failed', error_code: 'worker_lost' });
  });

  describe('with a query processor', () => {
    const described = (table: string): DescribedTable => ({
      reference: { dataset: 'billing', table },
      sqlName: `billing.${table}`,
      columns: [],
    });

    beforeEach(() => {
      surroundings.processor = {
        kind: 'query',
        schemaFor: () => surroundings.schema,
        sourcesFor: ({ target }) => [
          { dataset: 'billing', table: 'export' },
          { dataset: target.dataset, table: 'missing' },
        ],
        queryFor: (_context, engine, sources) => ({ sql: JSON.stringify([engine, sources]), parameters: {} }),
      };
    });

    it('looks the sources up before it asks for the query', async () => {
      warehouse.tables.add('billing.export');
      let asked = '';
      warehouse.queried = ({ sql }) => {
        asked = sql;
        return ROWS;
      };

      expect(await execute(await givenRun())).toMatchObject({
        status: 'completed',
        receipt: { rows: { extracted: 2, staged: 2, committed: 2 } },
      });

      expect(JSON.parse(asked)).toEqual(['duckdb', [described('export'), null]]);
    });

    it('fails with what the processor says of a source that is missing', async () => {
      surroundings.processor!.queryFor = (_context, _engine, [source]) => {
        throw new PipelineError('source_not_found', `There is ${String(source)} to read.`);
      };

      expect(await execute(await givenRun())).toMatchObject({
        status: 'failed',
        error_code: 'source_not_found',
      });
    });

    describe('with a control', () => {
      const grouping = { by: ['usage_date', 'currency'], sums: ['amount'] };
      const held = (row_count: string, amount: string) => [
        { usage_date: '2026-11-01', currency: 'USD', row_count, amount },
      ];

      beforeEach(() => {
        surroundings.processor!.queryFor = () => ({
          sql: 'SELECT charges',
          parameters: {},
          control: { ...grouping, query: { sql: 'SELECT held', parameters: {} } },
        });
        warehouse.queried = () => ROWS;
        warehouse.answered = () => held('2', '1.00');
      });

      it('takes what the sources hold for extracted, and tells how it was compared', async () => {
        expect(await execute(await givenRun())).toMatchObject({
          status: 'completed',
          receipt: {
            rows: { extracted: 2, staged: 2, committed: 2 },
            money: { extracted: [{ column: 'amount', currency: 'USD', sum: '1' }] },
            control: { ...grouping, groups: 1 },
          },
        });
      });

      it('tells the same when it finds its commit made', async () => {
        const runId = await givenRun();
        warehouse.losesReplies = 1;
        expect(await execute(runId)).toMatchObject({ status: 'pending' });

        expect(await execute(runId)).toMatchObject({
          status: 'completed',
          receipt: { already_committed: true, control: { ...grouping, groups: 1 } },
        });
      });

      it.each([
        ['a row too few', held('3', '1'), '3 rows, amount 1, but 2 rows, amount 1'],
        [
          'another amount',
          held('2', '1.000000000000000001'),
          '2 rows, amount 1.000000000000000001, but 2 rows, amount 1',
        ],
        ['nothing that the sources hold', [], 'no rows, but 2 rows, amount 1'],
      ])('fails without touching the target when the query staged %s', async (_name, answer, message) => {
        warehouse.answered = () => answer;
        const runId = await givenRun();

        expect(await execute(runId)).toMatchObject({
          status: 'failed',
          error_code: 'receipt_mismatch',
          error_message: `usage_date 2026-11-01, currency USD: the sources hold ${message} were staged. The target was not touched.`,
          receipt: null,
        });
        expect(warehouse.commits.size).toBe(0);
        expect(warehouse.staging.size).toBe(0);
      });

      it('stages again when its sources changed meanwhile, as often as the pipeline retries', async () => {
        let asked = 0;
        warehouse.answered = () => held('2', asked++ === 0 ? '0' : '1');
        const runId = await givenRun();

        expect(await execute(runId)).toMatchObject({ status: 'pending', reason: 'retry_backoff' });
        expect(warehouse.staging.size).toBe(0);
        expect(await execute(runId)).toMatchObject({
          status: 'completed',
          attempt: 2,
          receipt: { rows: { extracted: 2, committed: 2 } },
        });
        expect(asked).toBe(3);
      });

      it('gives up on sources that never stand still', async () => {
        let asked = 0;
        warehouse.answered = () => held('2', `7.${asked++}1`);
        const runId = await givenRun();
        for (let attempt = 1; attempt <= 2; attempt++) await execute(runId);

        expect(await execute(runId)).toMatchObject({ status: 'failed', error_code: 'sources_changed' });
        expect(warehouse.commits.size).toBe(0);
      });
    });
  });

  it('shows a processor only the rows that its pipeline has loaded', async () => {
    const seen: (string | undefined)[] = [];
    surroundings.extract = async function* (_context, target) {
      seen.push((await target.describe())?.sqlName);
      yield ROWS;
    };
    await execute(await givenRun());
    await execute(await anotherRun());

    expect(seen).toEqual([
      undefined,
      `(SELECT * FROM acme_dev.openai_costs WHERE _pipeline = 'openai/cost/costs_daily')`,
    ]);
  });

  describe('of an incremental pipeline', () => {
    const EARLIER = '2026-11-02T01:02:03.000001Z';
    const LATER = '2026-11-03T01:02:03.000002Z';
    let told: (string | undefined)[];

    const extracts = (...rows: [day: string, exported: string][]): void => {
      surroundings.extract = async function* ({ watermark }) {
        told.push(watermark);
        yield rows.map(([usage_date, exported_at]) => ({
          usage_date,
          exported_at,
          amount: '1',
          currency: 'USD',
        }));
      };
    };

    beforeEach(() => {
      told = [];
      surroundings.schema = { ...SCHEMA, watermarkColumn: 'exported_at' };
      extracts(['2026-11-01', EARLIER], ['2026-05-01', EARLIER]);
    });

    it('takes rows of any day, and tells the next run how far it got', async () => {
      const run = await execute(await givenRun());
      extracts(['2026-03-01', LATER]);
      const next = await execute(await anotherRun());

      expect(run).toMatchObject({ status: 'completed', receipt: { watermark: EARLIER } });
      expect(next).toMatchObject({ status: 'completed', receipt: { watermark: LATER } });
      expect(told).toEqual([undefined, EARLIER]);
      expect([...warehouse.commits.values()].map(({ proof }) => proof.spans)).toEqual([
        [
          { start: '2026-05-01', end: '2026-05-02' },
          { start: '2026-11-01', end: '2026-11-02' },
        ],
        [
          { start: '2026-03-01', end: '2026-03-02' },
          { start: '2026-11-01', end: '2026-11-02' },
        ],
      ]);
    });

    it('keeps the watermark where a run has seen nothing newer', async () => {
      await execute(await givenRun());
      extracts();
      expect(await execute(await anotherRun())).toMatchObject({ receipt: { watermark: EARLIER } });
      await execute(await anotherRun());

      expect(told).toEqual([undefined, EARLIER, EARLIER]);
    });

    it('moves nothing when a run fails', async () => {
      await execute(await givenRun());
      extracts(['2026-03-01', LATER]);
      warehouse.losesRows = 1;
      expect(await execute(await anotherRun())).toMatchObject({ status: 'failed' });
      warehouse.losesRows = 0;
      await execute(await anotherRun());

      expect(told).toEqual([undefined, EARLIER, EARLIER]);
    });

    it('moves the watermark with the take-over that finds the commit, and not before', async () => {
      warehouse.losesReplies = 1;
      const runId = await givenRun();
      expect(await execute(runId)).toMatchObject({ status: 'pending' });
      await execute(await anotherRun());
      expect(told).toEqual([undefined, undefined]);
      extracts(['2026-03-01', LATER]);

      const takenOver = await execute(runId);

      expect(takenOver).toMatchObject({
        status: 'completed',
        attempt: 2,
        receipt: { watermark: EARLIER, already_committed: true },
      });
      await execute(await anotherRun());
      expect(told).toEqual([undefined, undefined, EARLIER]);
    });

    it('tells the next run how far it got by each clock', async () => {
      surroundings.schema = { ...SCHEMA, watermarkColumn: 'exported_at', watermarkBy: 'usage_date' };
      const toldByClock: unknown[] = [];
      const exporting = (...rows: [clock: string, exported: string][]): void => {
        surroundings.extract = async function* ({ watermark, watermarks }) {
          toldByClock.push([watermark, watermarks]);
          yield rows.map(([usage_date, exported_at]) => ({
            usage_date,
            exported_at,
            amount: '1',
            currency: 'USD',
          }));
        };
      };
      exporting(['2026-11-01', LATER], ['2026-05-01', EARLIER]);
      await execute(await givenRun());
      exporting(['2026-05-01', LATER]);

      const next = await execute(await anotherRun());

      expect(toldByClock).toEqual([
        [undefined, undefined],
        [undefined, { '2026-11-01': LATER, '2026-05-01': EARLIER }],
      ]);
      expect(next).toMatchObject({
        receipt: { watermark: LATER, watermarks: { '2026-11-01': LATER, '2026-05-01': LATER } },
      });
    });

    it('begins anew where the clocks are those of another column, or of none', async () => {
      await execute(await givenRun());
      surroundings.schema = { ...SCHEMA, watermarkColumn: 'exported_at', watermarkBy: 'usage_date' };
      await execute(await anotherRun());
      surroundings.schema = { ...SCHEMA, watermarkColumn: 'exported_at' };
      await execute(await anotherRun());

      expect(told).toEqual([undefined, undefined, undefined]);
    });

    it('loads everything where the target is gone, or another', async () => {
      await execute(await givenRun());
      warehouse.tables.clear();
      await execute(await anotherRun());
      await moveTo({ location: 'US' });
      await execute(await anotherRun());

      expect(told).toEqual([undefined, undefined, undefined]);
    });
  });
});
