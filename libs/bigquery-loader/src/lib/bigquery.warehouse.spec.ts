import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { CommitReceipt, Load, LoadProof } from '@pipelines/pipeline';
import { aCost, aLoad, COSTS, inBatches } from '@pipelines/pipeline/testing';
import { BigQueryWarehouse } from './bigquery.warehouse.ts';
import { FakeBigQuery, type FakeError, type FakeQuery, type FakeRequest } from './testing/fake-bigquery.ts';

const LOAD = aLoad();
const COMMIT_1 = 'pl_0199c0de-0000-7000-8000-000000000001_commit_1';
const COMMIT_2 = 'pl_0199c0de-0000-7000-8000-000000000001_commit_2';
const LOAD_JOB = 'pl_0199c0de-0000-7000-8000-000000000001_1_load';
const STAGING = 'acme_test.stg_costs_0199c0de000070008000000000000001_1';
const USD = [{ column: 'cost', currency: 'USD', sum: '1.4' }];
const PROOF: LoadProof = {
  rows: { extracted: 2, staged: 2 },
  money: { extracted: USD, staged: USD },
  stage: { bytesStaged: 99, bytesProcessed: 0, jobIds: [LOAD_JOB] },
};
const COMMITTED: CommitReceipt = {
  proof: PROOF,
  committed: { rows: 2, money: USD },
  rowsReplaced: 1,
  daysReplaced: ['2026-11-01'],
  restatement: {
    figures: 1,
    entries: [
      { day: '2026-11-01', column: 'cost', currency: 'USD', before: '2', after: '1.4', difference: '-0.6' },
    ],
  },
  jobIds: [COMMIT_1],
  alreadyCommitted: false,
};
const ALREADY_COMMITTED = { ...COMMITTED, alreadyCommitted: true };
/** What becomes of a commit script: it commits, fails, or commits and fails. Once committed it refuses to again. */
interface Fate {
  readonly commits?: boolean;
  readonly error?: FakeError;
}
const CHECKED = [
  { kind: 'outside', name: '', currency: '', value: '0' },
  { kind: 'rows', name: '', currency: '', value: '2' },
];
const LEDGER = /FROM `([\w-]+)\.(acme_test\._pipelines_commits)`/;
const TRANSIENT: FakeError = { reason: 'jobBackendError', message: 'try again' };
const LABELS = {
  org: 'acme',
  pipeline: 'sample_cost_daily',
  run: '0199c0de-0000-7000-8000-000000000001',
  attempt: '1',
};

describe('BigQueryWarehouse', () => {
  let bigquery: FakeBigQuery;
  let warehouse: BigQueryWarehouse;
  let ledger: Record<string, string>[];
  let fates: Fate[];
  let lastFate: Fate;

  beforeAll(async () => {
    bigquery = await FakeBigQuery.start();
  });
  beforeEach(() => {
    bigquery.reset();
    ledger = [];
    fates = [];
    lastFate = { commits: true };
    bigquery.answer = answer;
    warehouse = new BigQueryWarehouse({
      projectId: 'test-project',
      location: 'europe-west1',
      apiEndpoint: bigquery.url,
      pollIntervalMs: 1,
    });
  });
  afterAll(() => bigquery.stop());

  const answer = (query: FakeQuery): Record<string, string>[] | FakeError => {
    if (query.query.startsWith('DECLARE')) return runScript(query);
    if (query.query.startsWith("SELECT 'rows'")) return CHECKED;
    const [, project, table] = LEDGER.exec(query.query) ?? [];
    if (table === undefined) return [];
    return bigquery.tables.has(project === 'test-project' ? table : `${project}:${table}`)
      ? ledger
      : { reason: 'notFound', message: 'Not found: Table _pipelines_commits' };
  };
  const runScript = ({ queryParameters }: FakeQuery): [] | FakeError => {
    if (ledger.length > 0)
      return { reason: 'invalidQuery', message: 'the run has committed already at [5:3]' };
    const { commits = false, error } = fates.shift() ?? lastFate;
    if (commits) ledger.push(entryOf(queryParameters!));
    return error ?? [];
  };
  const entryOf = (parameters: NonNullable<FakeQuery['queryParameters']>): Record<string, string> => ({
    ...Object.fromEntries(parameters.map(({ name, parameterValue }) => [name, parameterValue.value])),
    rows_committed: '2',
    rows_replaced: '1',
    money: '[{"column":"cost","currency":"USD","sum":"1.40"}]',
    days_replaced: '["2026-11-01"]',
    restated_figures: '1',
    restated: '[{"day":"2026-11-01","column":"cost","currency":"USD","before":"2.0","after":"1.40"}]',
  });
  const commit = (load: Load = LOAD) => warehouse.commit(load, PROOF);
  const stage = (load: Load = LOAD) =>
    warehouse.stageRows(
      load,
      inBatches([aCost('2026-11-01', '1.50', null)], [], [aCost('2026-11-01', '-0.1', 'Ünï "q"\n')]),
    );
  /** Answers the first request that matches in another way. */
  const interfereOnce = (
    matches: (request: FakeRequest) => boolean,
    how: ReturnType<typeof bigquery.interfere>,
  ) => {
    let done = false;
    bigquery.interfere = (request) => {
      if (done || !matches(request)) return undefined;
      done = true;
      return how;
    };
  };
  const uploads = ({ path }: FakeRequest) => path === '/upload/jobs';
  const inserts = ({ method, path }: FakeRequest) => method === 'POST' && path === '/jobs';
  const looksAt =
    (id: string) =>
    ({ method, path }: FakeRequest) =>
      method === 'GET' && path === `/jobs/${id}`;
  /** A failure that the client does not repeat by itself. */
  const UNAVAILABLE = { status: 400, reason: 'tableUnavailable' };
  const QUOTA = { status: 403, reason: 'quotaExceeded' };

  describe('stageRows', () => {
    it('creates dataset and staging table, and loads all batches with one labelled job', async () => {
      const receipt = await stage();

      const { body } = bigquery.requests.find(uploads)!;
      const gzip = body.subarray(body.indexOf(Buffer.from([0x1f, 0x8b])), body.lastIndexOf('\r\n--'));
      expect(receipt).toEqual({ bytesStaged: gzip.byteLength, bytesProcessed: 0, jobIds: [LOAD_JOB] });
      expect(bigquery.datasets.get('acme_test')).toMatchObject({
        location: 'europe-west1',
        labels: { org: 'acme' },
      });
      expect(bigquery.tables.get(STAGING)!.rows).toEqual([
        { day: '2026-11-01', cost: '1.5', currency: 'USD' },
        { day: '2026-11-01', item: 'Ünï "q"\n', cost: '-0.1', currency: 'USD' },
      ]);
      expect([...bigquery.jobs.keys()]).toEqual([LOAD_JOB]);
      expect(bigquery.jobs.get(LOAD_JOB)!.configuration).toEqual({
        labels: LABELS,
        jobTimeoutMs: '3600000',
        load: {
          destinationTable: {
            projectId: 'test-project',
            datasetId: 'acme_test',
            tableId: 'stg_costs_0199c0de000070008000000000000001_1',
          },
          sourceFormat: 'NEWLINE_DELIMITED_JSON',
          createDisposition: 'CREATE_NEVER',
          writeDisposition: 'WRITE_EMPTY',
        },
      });
    });

    it('lets the staging table expire within a day', async () => {
      const before = Date.now();
      await stage();

      const expiration = Number(bigquery.tables.get(STAGING)!.expirationTime);

      expect(expiration - before).toBeGreaterThanOrEqual(86_400_000);
      expect(expiration - before).toBeLessThan(86_460_000);
    });

    it('loads nothing as an empty table', async () => {
      await warehouse.stageRows(LOAD, inBatches());

      expect(bigquery.tables.get(STAGING)!.rows).toEqual([]);
      expect(bigquery.jobs.size).toBe(1);
    });

    it('finds the job again whose answer was lost', async () => {
      interfereOnce(uploads, 'lose');

      await stage();

      expect(bigquery.calls.filter((call) => call === 'POST /upload/jobs')).toHaveLength(1);
      expect(bigquery.tables.get(STAGING)!.rows).toHaveLength(2);
    });

    it('leaves it to the next attempt when the upload never arrived', async () => {
      interfereOnce(uploads, { status: 503, reason: 'backendError' });

      await expect(stage()).rejects.toMatchObject({
        code: 'warehouse_unavailable',
        transient: true,
        facts: { warehouse_reason: 'backendError', job_id: LOAD_JOB },
      });
      expect(bigquery.calls.filter((call) => call === 'POST /upload/jobs')).toHaveLength(1);
    });

    it('names the row that does not fit, and starts no job', async () => {
      const bad = warehouse.stageRows(
        LOAD,
        inBatches([aCost('2026-11-01', '1')], [aCost('2026-11-01', 'ten')]),
      );

      await expect(bad).rejects.toMatchObject({ code: 'schema_mismatch', facts: { row: 2, column: 'cost' } });
      expect(bigquery.jobs.size).toBe(0);
    });

    it('fails with the error of the batches, and starts no job', async () => {
      async function* broken() {
        yield [aCost('2026-11-01', '1')];
        throw new Error('the provider hung up');
      }

      await expect(warehouse.stageRows(LOAD, broken())).rejects.toThrow('the provider hung up');
      expect(bigquery.jobs.size).toBe(0);
    });

    it('stops between batches when aborted', async () => {
      const abort = new AbortController();
      async function* aborted() {
        yield [aCost('2026-11-01', '1')];
        abort.abort(new Error('cancelled by a test'));
        yield [aCost('2026-11-01', '2')];
      }

      const staging = warehouse.stageRows(aLoad({ signal: abort.signal }), aborted());

      await expect(staging).rejects.toThrow('cancelled by a test');
      expect(bigquery.jobs.size).toBe(0);
    });

    it('refuses a dataset of another location', async () => {
      bigquery.datasets.set('acme_test', { location: 'US' });

      await expect(stage()).rejects.toMatchObject({
        code: 'configuration_invalid',
        message: expect.stringContaining(
          'acme_test lies in US, but the organization loads into europe-west1',
        ),
      });
    });

    it('blames missing permissions on the operator', async () => {
      interfereOnce(({ path }) => path === '/datasets/acme_test', { status: 403, reason: 'accessDenied' });

      await expect(stage()).rejects.toMatchObject({
        code: 'warehouse_rejected',
        message: expect.stringContaining('roles/bigquery.jobUser'),
      });
    });
  });

  describe('stageQuery', () => {
    it('inserts the declared columns of the query, with its parameters, under a cost limit', async () => {
      const receipt = await warehouse.stageQuery(LOAD, {
        sql: 'SELECT day, item, cost, currency FROM source WHERE day >= DATE(@start) -- done',
        parameters: { start: '2026-11-01' },
      });

      const id = 'pl_0199c0de-0000-7000-8000-000000000001_1_query_1';
      const job = bigquery.jobs.get(id)!;
      expect(receipt).toEqual({ bytesStaged: 0, bytesProcessed: 4096, jobIds: [id] });
      expect(job.configuration).toMatchObject({
        labels: LABELS,
        query: {
          query:
            'INSERT INTO `test-project.acme_test.stg_costs_0199c0de000070008000000000000001_1` (`day`, `item`, `cost`, `currency`)\n' +
            'SELECT `day`, `item`, `cost`, `currency` FROM (\n' +
            'SELECT day, item, cost, currency FROM source WHERE day >= DATE(@start) -- done\n)',
          useLegacySql: false,
          maximumBytesBilled: '1099511627776',
          parameterMode: 'NAMED',
          queryParameters: [
            { name: 'start', parameterType: { type: 'STRING' }, parameterValue: { value: '2026-11-01' } },
          ],
        },
      });
    });

    it('names the column that a row of the query has no value for', async () => {
      bigquery.answer = () => ({ reason: 'invalidQuery', message: 'Required field currency cannot be null' });

      await expect(warehouse.stageQuery(LOAD, { sql: 'SELECT 1', parameters: {} })).rejects.toMatchObject({
        code: 'schema_mismatch',
        message:
          'The query for acme_test.costs gives a row without a value for "currency", which every row needs. The target was not touched. Let the query leave such rows out, or give them a value.',
        facts: { table: 'acme_test.costs', column: 'currency' },
      });
    });

    it.each(['Invalid BIGNUMERIC value: -1e+300', 'Invalid NUMERIC value: -1e+300; error in query'])(
      'names the number that does not fit: %s',
      async (message) => {
        bigquery.answer = () => ({ reason: 'invalidQuery', message });

        await expect(warehouse.stageQuery(LOAD, { sql: 'SELECT 1', parameters: {} })).rejects.toMatchObject({
          code: 'schema_mismatch',
          message:
            'The query for acme_test.costs reads the number -1e+300, which its column cannot hold. The target was not touched. Correct the value in the table that is read.',
          facts: { table: 'acme_test.costs', value: '-1e+300' },
        });
      },
    );

    it('does not quote what is no number', async () => {
      bigquery.answer = () => ({ reason: 'invalidQuery', message: 'Invalid NUMERIC value: sk-secret' });

      const staging = warehouse.stageQuery(LOAD, { sql: 'SELECT 1', parameters: {} });

      await expect(staging).rejects.toMatchObject({ code: 'warehouse_rejected' });
      await expect(staging).rejects.not.toThrow('sk-secret');
    });

    it('says so when the query would cost too much', async () => {
      bigquery.answer = () => ({ reason: 'bytesBilledLimitExceeded', message: 'Query exceeded limit' });

      await expect(warehouse.stageQuery(LOAD, { sql: 'SELECT 1', parameters: {} })).rejects.toMatchObject({
        code: 'warehouse_rejected',
        message:
          'BigQuery refused the load (bytesBilledLimitExceeded). The query would bill more than BIGQUERY_MAXIMUM_BYTES_BILLED allows. Load fewer days at once, or raise it.',
      });
    });
  });

  describe('check', () => {
    it('reads counts and sums as text', async () => {
      bigquery.answer = () => [
        { kind: 'money', name: 'cost', currency: 'EUR', value: '-0.05' },
        { kind: 'money', name: 'cost', currency: 'USD', value: '90071992547409930.12345678901234567890' },
        { kind: 'outside', name: '', currency: '', value: '1' },
        { kind: 'rows', name: '', currency: '', value: '3' },
      ];

      expect(await warehouse.check(LOAD)).toEqual({
        rows: 3,
        money: [
          { column: 'cost', currency: 'EUR', sum: '-0.05' },
          { column: 'cost', currency: 'USD', sum: '90071992547409930.1234567890123456789' },
        ],
        rowsOutsideWindow: 1,
      });
      expect(JSON.parse(bigquery.requests.at(-1)!.body.toString())).toMatchObject({
        labels: LABELS,
        location: 'europe-west1',
        maximumBytesBilled: '1099511627776',
        useLegacySql: false,
      });
    });
  });

  describe('commit', () => {
    beforeEach(() => stage());

    it('creates the target and runs the script under the id of the run', async () => {
      const receipt = await commit({ ...LOAD, target: { ...LOAD.target, clusterBy: ['item'] } });

      expect(receipt).toEqual(COMMITTED);
      expect(bigquery.tables.get('acme_test.costs')).toMatchObject({
        description: "Costs; it's only a sample",
        timePartitioning: { type: 'DAY', field: 'day' },
        clustering: { fields: ['item'] },
        labels: { org: 'acme', pipeline: 'sample_cost_daily' },
        schema: {
          fields: [
            { name: 'day', type: 'DATE', mode: 'REQUIRED', description: 'UTC day' },
            { name: 'item', type: 'STRING', mode: 'NULLABLE' },
            { name: 'cost', type: 'BIGNUMERIC', mode: 'REQUIRED' },
            { name: 'currency', type: 'STRING', mode: 'REQUIRED' },
            { name: '_run_id', type: 'STRING', mode: 'REQUIRED' },
            { name: '_pipeline', type: 'STRING', mode: 'REQUIRED' },
            { name: '_loaded_at', type: 'TIMESTAMP', mode: 'REQUIRED' },
            { name: '_credential', type: 'STRING', mode: 'NULLABLE' },
          ],
        },
      });
      expect(bigquery.jobs.get(COMMIT_1)!.configuration).toMatchObject({
        labels: LABELS,
        query: {
          maximumBytesBilled: '1099511627776',
          queryParameters: [
            { name: 'run_id', parameterValue: { value: '0199c0de-0000-7000-8000-000000000001' } },
            { name: 'attempt', parameterValue: { value: '1' } },
            { name: 'pipeline', parameterValue: { value: 'sample/cost/daily' } },
            { name: 'credential', parameterValue: { value: '' } },
            { name: 'loaded_at', parameterValue: { value: '2026-11-02T03:04:05.678Z' } },
            { name: 'job_id', parameterValue: { value: COMMIT_1 } },
            { name: 'proof', parameterValue: { value: JSON.stringify(PROOF) } },
          ],
        },
      });
    });

    it.each([
      [1, COMMITTED],
      [2, ALREADY_COMMITTED],
    ])('answers with the entry of an earlier commit, repeated by attempt %d', async (attempt, receipt) => {
      await commit();

      expect(await commit({ ...LOAD, attempt })).toEqual(receipt);
      expect([...bigquery.jobs.keys()]).toEqual([LOAD_JOB, COMMIT_1]);
    });

    it('attaches to a job that another attempt sends at the same time', async () => {
      await commit();
      interfereOnce(looksAt(COMMIT_1), { status: 404, reason: 'notFound' });

      expect(await commit({ ...LOAD, attempt: 2 })).toEqual(ALREADY_COMMITTED);
      expect(bigquery.calls).toContain('POST /jobs');
      expect([...bigquery.jobs.keys()]).toEqual([LOAD_JOB, COMMIT_1]);
    });

    it('goes on looking at a job that it cannot see for a moment', async () => {
      let failures = 0;
      bigquery.interfere = (request) =>
        looksAt(COMMIT_1)(request) && bigquery.jobs.has(COMMIT_1) && ++failures < 5 ? UNAVAILABLE : undefined;

      expect(await commit()).toEqual(COMMITTED);
      expect(failures).toBe(5);
    });

    it.each([UNAVAILABLE, { status: 403, reason: 'accessDenied' }])(
      'is transient while neither its job nor the ledger tells the outcome (%j), and a later attempt finds it',
      async (failure) => {
        bigquery.interfere = (request) =>
          looksAt(COMMIT_1)(request) && bigquery.jobs.has(COMMIT_1) ? failure : undefined;
        bigquery.answer = (query) => (query.query.startsWith('DECLARE') ? answer(query) : []);

        await expect(commit()).rejects.toMatchObject({
          code: 'warehouse_unavailable',
          transient: true,
          facts: { job_id: COMMIT_1 },
        });
        bigquery.interfere = () => undefined;
        bigquery.answer = answer;
        expect(await warehouse.findCommit({ ...LOAD, attempt: 2 })).toEqual(ALREADY_COMMITTED);
      },
    );

    it('has committed when the ledger says so, although its job cannot be seen', async () => {
      bigquery.interfere = (request) =>
        looksAt(COMMIT_1)(request) && bigquery.jobs.has(COMMIT_1) ? UNAVAILABLE : undefined;

      expect(await commit()).toEqual(COMMITTED);
    });

    it('fails with the refusal of its job, although it may not look for one either', async () => {
      bigquery.interfere = ({ path }) =>
        path.startsWith('/jobs') && bigquery.calls.includes('POST /jobs')
          ? { status: 403, reason: 'accessDenied' }
          : undefined;

      await expect(commit()).rejects.toMatchObject({ code: 'warehouse_rejected' });
    });

    it('has committed although its job failed right after, and submits nothing more', async () => {
      fates = [{ commits: true, error: { reason: 'stopped', message: 'Job execution was cancelled' } }];

      expect(await commit()).toEqual(COMMITTED);
      expect([...bigquery.jobs.keys()]).toEqual([LOAD_JOB, COMMIT_1]);
    });

    it('commits once when its job commits, fails and is submitted again', async () => {
      fates = [{ commits: true, error: TRANSIENT }];

      expect(await commit()).toEqual(COMMITTED);
      expect([...bigquery.jobs.keys()]).toEqual([LOAD_JOB, COMMIT_1, COMMIT_2]);
      expect(ledger).toHaveLength(1);
    });

    it('says so when the entry of its commit was removed', async () => {
      lastFate = { commits: false };

      await expect(commit()).rejects.toMatchObject({
        code: 'warehouse_rejected',
        message: expect.stringContaining('its entry is gone from acme_test._pipelines_commits'),
      });
    });

    it('does not know the outcome while the ledger cannot be read', async () => {
      bigquery.interfere = ({ path }) => (path === '/queries' ? UNAVAILABLE : undefined);

      await expect(commit()).rejects.toMatchObject({ code: 'warehouse_unavailable', transient: true });
    });

    it('creates the ledger, once for all commits of the dataset', async () => {
      await commit();
      ledger = [];
      await commit({ ...LOAD, runId: 'later' });

      expect(bigquery.tables.get('acme_test._pipelines_commits')).toMatchObject({
        clustering: { fields: ['run_id'] },
      });
      expect(bigquery.calls.filter((call) => call === 'POST /datasets/acme_test/tables')).toHaveLength(3);
    });

    it('fails with receipt_mismatch when the script finds other rows or sums', async () => {
      lastFate = {
        error: {
          reason: 'invalidQuery',
          message: 'Query error: committed rows or sums are not the proven ones at [30:3]',
        },
      };

      await expect(commit()).rejects.toMatchObject({
        code: 'receipt_mismatch',
        message:
          'acme_test.costs would have held other rows or sums of the run than were extracted. The commit was undone.',
      });
    });

    it('takes a job whose answer was lost for its own', async () => {
      interfereOnce(inserts, 'lose');

      expect(await commit()).toMatchObject({ jobIds: [COMMIT_1], alreadyCommitted: false });
      expect([...bigquery.jobs.keys()]).toEqual([LOAD_JOB, COMMIT_1]);
    });

    it('submits a job that failed for a transient reason under the next id', async () => {
      const message = 'Could not serialize access to table due to concurrent update';
      fates = [{ error: { reason: 'invalidQuery', message } }];

      expect(await commit()).toEqual({ ...COMMITTED, jobIds: [COMMIT_2] });
    });

    it('gives up after eight submissions', async () => {
      lastFate = { error: TRANSIENT };

      await expect(commit()).rejects.toMatchObject({ code: 'warehouse_unavailable' });
      expect(bigquery.jobs.size - 1).toBe(8);
    });

    it('gives each attempt eight submissions of its own, however many earlier ones were refused', async () => {
      lastFate = { error: TRANSIENT };
      await commit().catch(() => undefined);

      await expect(commit({ ...LOAD, attempt: 2 })).rejects.toMatchObject({ code: 'warehouse_unavailable' });
      expect(bigquery.jobs.size - 1).toBe(16);

      lastFate = { commits: true };
      const committed = { ...COMMITTED, jobIds: [COMMIT_1.replace(/1$/, '17')] };
      expect(await commit({ ...LOAD, attempt: 3 })).toEqual(committed);
      expect(await warehouse.findCommit({ ...LOAD, attempt: 4 })).toEqual({
        ...committed,
        alreadyCommitted: true,
      });
    });

    it('counts only the submissions that it sends itself', async () => {
      lastFate = { error: TRANSIENT };
      await commit().catch(() => undefined);
      bigquery.requests.length = 0;

      await commit({ ...LOAD, attempt: 2 }).catch(() => undefined);

      expect(bigquery.requests.filter(inserts)).toHaveLength(8);
    });

    it.each([
      ['its job', () => (lastFate = { error: { reason: 'quotaExceeded', message: 'Quota exceeded' } }), 1],
      ['its submission', () => (bigquery.interfere = (request) => (inserts(request) ? QUOTA : undefined)), 0],
    ])('asks once, and leaves it to a late attempt, when a quota refuses %s', async (_what, exceed, jobs) => {
      exceed();

      await expect(commit()).rejects.toMatchObject({
        code: 'warehouse_quota_exceeded',
        retryAfterMs: 3_600_000,
        facts: { warehouse_reason: 'quotaExceeded', job_id: COMMIT_1 },
      });
      expect(bigquery.calls.filter((call) => call === 'POST /jobs')).toHaveLength(1);
      expect(bigquery.jobs.size - 1).toBe(jobs);
      bigquery.interfere = () => undefined;
      lastFate = { commits: true };
      expect(await commit({ ...LOAD, attempt: 2 })).toMatchObject({ alreadyCommitted: false });
    });

    it('looks once at a job when looking has a quota of its own, and does not take that for an outcome', async () => {
      await commit();
      bigquery.requests.length = 0;
      bigquery.interfere = () => QUOTA;

      await expect(warehouse.findCommit({ ...LOAD, attempt: 2 })).rejects.toMatchObject({
        code: 'warehouse_unavailable',
        retryAfterMs: 3_600_000,
      });
      expect(bigquery.calls).toEqual([`GET /jobs/${COMMIT_1}`]);
    });

    it('does not submit again what failed for good', async () => {
      lastFate = { error: { reason: 'invalidQuery', message: 'Syntax error' } };

      await expect(commit()).rejects.toMatchObject({
        code: 'warehouse_rejected',
        operatorDetail: `job ${COMMIT_1}: Syntax error`,
      });
      expect([...bigquery.jobs.keys()]).toEqual([LOAD_JOB, COMMIT_1]);
    });

    it("does not fail for an earlier attempt's failed job", async () => {
      fates = [{ error: { reason: 'notFound', message: 'Not found: Table stg_costs' } }];
      await commit().catch(() => undefined);

      expect(await commit({ ...LOAD, attempt: 2 })).toMatchObject({
        jobIds: [COMMIT_2],
        alreadyCommitted: false,
      });
    });

    it('names the merge key that is not one', async () => {
      lastFate = { error: { reason: 'invalidQuery', message: 'merge key is not unique at [7:3]' } };
      const load = {
        ...LOAD,
        target: { ...LOAD.target, writeDisposition: 'merge', mergeKey: ['day', 'item'] },
      } as const;

      await expect(commit(load)).rejects.toMatchObject({
        code: 'schema_mismatch',
        message: expect.stringContaining('(day, item)'),
      });
    });

    it('adds new nullable columns to an older target', async () => {
      await commit();
      ledger = [];
      const region = { name: 'region', type: 'STRING', description: 'Where' } as const;
      const schema = { ...COSTS, columns: [...COSTS.columns, region] };

      await commit({ ...LOAD, runId: 'later', schema });

      const { schema: widened, etag } = bigquery.tables.get('acme_test.costs')!;
      expect(widened.fields.map(({ name }) => name)).toEqual([
        'day',
        'item',
        'cost',
        'currency',
        '_run_id',
        '_pipeline',
        '_loaded_at',
        '_credential',
        'region',
      ]);
      expect(widened.fields.at(-1)).toMatchObject({ type: 'STRING', mode: 'NULLABLE', description: 'Where' });
      expect(etag).toBe('etag-2');
    });

    it('is transient when somebody else changes the table at the same time', async () => {
      await commit();
      ledger = [];
      const region = { name: 'region', type: 'STRING', description: 'Where' } as const;
      const target = bigquery.tables.get('acme_test.costs')!;
      bigquery.interfere = ({ method }) => {
        if (method === 'PATCH') target.etag = 'changed-since';
        return undefined;
      };

      const late = commit({
        ...LOAD,
        runId: 'later',
        schema: { ...COSTS, columns: [...COSTS.columns, region] },
      });

      await expect(late).rejects.toMatchObject({ code: 'warehouse_unavailable', transient: true });
      expect(target.schema.fields.map(({ name }) => name)).not.toContain('region');
    });

    it('refuses a target whose column has another type, and runs nothing', async () => {
      await commit();
      ledger = [];
      const columns = COSTS.columns.map((column) =>
        column.name === 'item' ? { ...column, type: 'INT64' as const } : column,
      );

      const refused = commit({ ...LOAD, runId: 'later', schema: { ...COSTS, columns } });

      await expect(refused).rejects.toMatchObject({
        code: 'schema_mismatch',
        facts: {
          table: 'acme_test.costs',
          column: 'item',
          want: 'INTEGER NULLABLE',
          have: 'STRING NULLABLE',
        },
      });
      expect(bigquery.jobs.size).toBe(2);
    });

    describe('with views', () => {
      const showing = (...columns: string[]): Load => ({
        ...LOAD,
        schema: { ...COSTS, views: [{ name: 'items', description: 'Items', columns }] },
      });
      const change = 'PATCH /datasets/acme_test/tables/items';

      it('creates them, and leaves alone those that are as declared', async () => {
        await stage();

        await commit(showing('item', 'cost'));
        await commit({ ...showing('item', 'cost'), runId: '0199c0de-0000-7000-8000-000000000002' });

        expect(bigquery.tables.get('acme_test.items')).toMatchObject({
          description: 'Items',
          view: {
            query: 'SELECT `item`, `cost` FROM `test-project.acme_test.costs`',
            useLegacySql: false,
          },
          labels: { org: 'acme', pipeline: 'sample_cost_daily' },
        });
        expect(bigquery.calls).not.toContain(change);
      });

      it('changes those that show other columns', async () => {
        await stage();
        await commit(showing('item', 'cost'));
        ledger = [];

        await commit({ ...showing('cost'), runId: '0199c0de-0000-7000-8000-000000000002' });

        expect(bigquery.calls).toContain(change);
        expect(bigquery.tables.get('acme_test.items')).toMatchObject({
          view: { query: 'SELECT `cost` FROM `test-project.acme_test.costs`' },
        });
      });

      it('puts none in the place of a table', async () => {
        await stage();
        bigquery.tables.set('acme_test.items', { schema: { fields: [] }, etag: 'etag-1', rows: [] });

        await expect(commit(showing('item'))).rejects.toMatchObject({
          code: 'schema_mismatch',
          message: expect.stringContaining('acme_test.items must become a view, but is a table'),
        });
      });
    });

    describe('into a dataset with default expirations', () => {
      const DAY_MS = 86_400_000;
      const DEFAULTS = {
        location: 'europe-west1',
        defaultTableExpirationMs: String(90 * DAY_MS),
        defaultPartitionExpirationMs: String(60 * DAY_MS),
      };
      const PARTITIONED = { type: 'DAY', field: 'day' };

      it('makes target, ledger and views without any', async () => {
        bigquery.datasets.set('acme_test', DEFAULTS);
        const views = [{ name: 'items', description: 'Items', columns: ['item'] }];

        await commit({ ...LOAD, schema: { ...COSTS, views } });

        expect(bigquery.tables.get('acme_test.costs')).toMatchObject({ timePartitioning: PARTITIONED });
        expect(bigquery.tables.get('acme_test.costs')!.timePartitioning).not.toHaveProperty('expirationMs');
        for (const table of ['costs', '_pipelines_commits', 'items']) {
          expect(bigquery.tables.get(`acme_test.${table}`)).not.toHaveProperty('expirationTime');
        }
      });

      it('takes the expiration away from a ledger that was made with one', async () => {
        await commit();
        ledger = [];
        bigquery.tables.get('acme_test._pipelines_commits')!.expirationTime = String(Date.now() + DAY_MS);

        await commit({ ...LOAD, runId: 'later' });

        expect(bigquery.tables.get('acme_test._pipelines_commits')).not.toHaveProperty('expirationTime');
      });
    });

    describe('into a target that expires', () => {
      const DAY_MS = 86_400_000;
      const givenTarget = async (expiration: object): Promise<void> => {
        await commit();
        ledger = [];
        Object.assign(bigquery.tables.get('acme_test.costs')!, expiration);
        bigquery.requests.length = 0;
      };
      const partitionsLast = (ms: number) => ({
        timePartitioning: { type: 'DAY', field: 'day', expirationMs: String(ms) },
      });
      const age = (day: string) => Date.now() - Date.parse(day);

      it.each([
        [
          'partitions',
          partitionsLast(30 * DAY_MS),
          'Partitions of table acme_test.costs expire after 30 days',
        ],
        ['the table', { expirationTime: '4102444800000' }, 'Table acme_test.costs expires on 2100-01-01'],
      ])('refuses before anything is staged when %s would be gone', async (_what, expiration, message) => {
        await givenTarget(expiration);
        const load = { ...LOAD, runId: 'later', window: { start: '2026-01-01', end: '2026-01-02' } };

        const refusal = {
          code: 'configuration_invalid',
          message: expect.stringContaining(message),
          facts: { table: 'acme_test.costs' },
        };
        await expect(stage(load)).rejects.toMatchObject(refusal);
        await expect(warehouse.stageQuery(load, { sql: 'SELECT 1', parameters: {} })).rejects.toMatchObject(
          refusal,
        );
        expect(bigquery.requests.filter(uploads)).toEqual([]);
        await expect(commit(load)).rejects.toMatchObject(refusal);
        expect(bigquery.requests.filter(inserts)).toEqual([]);
      });

      it('loads days that outlast the run', async () => {
        await givenTarget(partitionsLast(age('2026-11-01') + DAY_MS));

        await stage({ ...LOAD, runId: 'later' });
        expect(await commit({ ...LOAD, runId: 'later' })).toMatchObject({ alreadyCommitted: false });
      });

      it('refuses days of an increment that would be gone', async () => {
        await givenTarget(partitionsLast(age('2026-11-01') + DAY_MS));
        const spans = [{ start: '2026-01-01', end: '2026-01-02' }, LOAD.window];

        await expect(
          warehouse.commit({ ...LOAD, runId: 'later' }, { ...PROOF, spans }),
        ).rejects.toMatchObject({
          code: 'configuration_invalid',
        });
      });
    });

    it('asks for the rows of a view and of a target by the filter that the target requires', async () => {
      await commit();
      ledger = [];
      Object.assign(bigquery.tables.get('acme_test.costs')!, { requirePartitionFilter: true });
      const views = [{ name: 'items', description: 'Items', columns: ['item'] }];

      await commit({ ...LOAD, runId: 'later', schema: { ...COSTS, views } });

      expect(bigquery.tables.get('acme_test.items')).toMatchObject({
        view: { query: 'SELECT `item` FROM `test-project.acme_test.costs` WHERE `day` IS NOT NULL' },
      });
      const { query } = bigquery.jobs.get('pl_later_commit_1')!.configuration;
      expect(query!.query).toContain('AND `day` IS NOT NULL');
    });

    it('does not begin once aborted', async () => {
      const load = { ...LOAD, signal: AbortSignal.abort(new Error('cancelled by a test')) };

      await expect(commit(load)).rejects.toThrow('cancelled by a test');
      expect([...bigquery.jobs.keys()]).toEqual([LOAD_JOB]);
    });
  });

  describe('findCommit', () => {
    const findLater = () => warehouse.findCommit({ ...LOAD, attempt: 2 });

    beforeEach(() => stage());

    it('finds none where none was sent, and asks once', async () => {
      bigquery.requests.length = 0;

      expect(await findLater()).toBeUndefined();
      expect(bigquery.calls).toEqual([`GET /jobs/${COMMIT_1}`]);
    });

    it('finds the commit of an earlier attempt, and changes nothing', async () => {
      await commit();
      bigquery.requests.length = 0;

      expect(await findLater()).toEqual(ALREADY_COMMITTED);
      expect(bigquery.calls).toEqual([`GET /jobs/${COMMIT_1}`, 'POST /queries']);
    });

    it.each(['PENDING', 'RUNNING'])('waits for a job that is %s', async (state) => {
      await commit();
      const { status } = bigquery.jobs.get(COMMIT_1)!;
      status.state = state;
      let looks = 0;
      bigquery.interfere = (request) => {
        if (looksAt(COMMIT_1)(request) && ++looks === 3) status.state = 'DONE';
        return undefined;
      };

      expect(await findLater()).toEqual(ALREADY_COMMITTED);
      expect(looks).toBe(3);
    });

    it('finds none when the job it waits for fails', async () => {
      await commit();
      ledger = [];
      const { status } = bigquery.jobs.get(COMMIT_1)!;
      status.state = 'RUNNING';
      let looks = 0;
      bigquery.interfere = (request) => {
        if (looksAt(COMMIT_1)(request) && ++looks === 2)
          Object.assign(status, { state: 'DONE', errorResult: { reason: 'stopped', message: 'cancelled' } });
        return undefined;
      };

      expect(await findLater()).toBeUndefined();
    });

    it('finds the commit of a job that failed after it', async () => {
      fates = [{ commits: true, error: { reason: 'stopped', message: 'Job execution was cancelled' } }];
      await commit();

      expect(await findLater()).toEqual(ALREADY_COMMITTED);
    });

    it('passes over a job that failed to the one submitted next', async () => {
      fates = [{ error: TRANSIENT }];
      await commit();

      expect(await findLater()).toEqual({ ...ALREADY_COMMITTED, jobIds: [COMMIT_2] });
    });

    it('finds none where all submissions failed', async () => {
      lastFate = { error: TRANSIENT };
      await commit().catch(() => undefined);

      expect(await findLater()).toBeUndefined();
    });

    it('waits for the first job of a second attempt, after eight that failed', async () => {
      const ninth = COMMIT_1.replace(/1$/, '9');
      lastFate = { error: TRANSIENT };
      await commit().catch(() => undefined);
      lastFate = { commits: true };
      await commit({ ...LOAD, attempt: 2 });
      const { status } = bigquery.jobs.get(ninth)!;
      status.state = 'RUNNING';
      let looks = 0;
      bigquery.interfere = (request) => {
        if (looksAt(ninth)(request) && ++looks === 3) status.state = 'DONE';
        return undefined;
      };

      expect(await warehouse.findCommit({ ...LOAD, attempt: 3 })).toMatchObject({ jobIds: [ninth] });
      expect(looks).toBe(3);
    });

    it('does not say that there is none when it cannot know', async () => {
      bigquery.interfere = () => UNAVAILABLE;

      await expect(findLater()).rejects.toMatchObject({ code: 'warehouse_unavailable', transient: true });
    });
  });

  describe('discard', () => {
    it('removes the staging table, aborted or not, and twice', async () => {
      await stage();
      const load = { ...LOAD, signal: AbortSignal.abort() };

      await warehouse.discard(load);
      await warehouse.discard(load);

      expect([...bigquery.tables.keys()]).toEqual([]);
    });
  });

  describe('for an organization with a place of its own', () => {
    const place = { project: 'acme-project', location: 'EU' };
    const load = aLoad({ place });

    it('fills in what the organization leaves to the service', () => {
      expect(warehouse.resolvePlace({})).toEqual({ project: 'test-project', location: 'europe-west1' });
      expect(warehouse.resolvePlace({ project: 'acme-project' })).toEqual({
        project: 'acme-project',
        location: 'europe-west1',
      });
      expect(warehouse.resolvePlace(place)).toEqual(place);
    });

    it('does all of a load there: dataset, staging, jobs, check, commit and clean-up', async () => {
      await stage(load);
      await warehouse.stageQuery({ ...load, attempt: 2 }, { sql: 'SELECT 1', parameters: {} });
      await warehouse.check(load);
      await commit(load);
      await warehouse.discard(load);
      await warehouse.discard({ ...load, attempt: 2 });

      expect(new Set(bigquery.requests.map(({ project }) => project))).toEqual(new Set(['acme-project']));
      expect(bigquery.datasets.get('acme-project:acme_test')).toMatchObject({ location: 'EU' });
      expect([...bigquery.tables.keys()]).toEqual([
        'acme-project:acme_test.costs',
        'acme-project:acme_test._pipelines_commits',
      ]);
      expect([...bigquery.jobs.values()].map(({ jobReference }) => jobReference.location)).toEqual(
        Array(3).fill('EU'),
      );
      const queries = [...bigquery.jobs.values()].map(
        ({ configuration }) => configuration.query?.query ?? '',
      );
      expect(queries.join()).toContain('`acme-project.acme_test.costs`');
      expect(queries.join()).not.toContain('test-project.');
    });

    it('finds a commit where it was made, and not elsewhere', async () => {
      await stage(load);
      await commit(load);
      const later = {
        runId: load.runId,
        attempt: 2,
        org: load.org,
        target: load.target,
        signal: load.signal,
      };

      expect(await warehouse.findCommit({ ...later, place })).toEqual(ALREADY_COMMITTED);
      expect(await warehouse.findCommit(later)).toBeUndefined();
    });
  });

  it("removes an attempt's staging for who knows its run, number and target alone, and no other's", async () => {
    await stage();
    await stage({ ...LOAD, attempt: 2 });
    const { runId, org, target, signal } = LOAD;

    await new BigQueryWarehouse({
      projectId: 'test-project',
      location: 'europe-west1',
      apiEndpoint: bigquery.url,
    }).discard({ runId, attempt: 1, org, target, signal });

    expect([...bigquery.tables.keys()]).toEqual([STAGING.replace(/1$/, '2')]);
  });

  it('limits what any query may bill, by default to a tebibyte', async () => {
    const limited = new BigQueryWarehouse({
      projectId: 'test-project',
      location: 'europe-west1',
      apiEndpoint: bigquery.url,
      pollIntervalMs: 1,
      maximumBytesBilled: 5_000n,
    });
    await limited.stageQuery(LOAD, { sql: 'SELECT 1', parameters: {} });
    await limited.check(LOAD);
    await limited.commit(LOAD, PROOF);

    const limits = bigquery.requests
      .filter(({ method, path }) => method === 'POST' && ['/jobs', '/queries'].includes(path))
      .map(({ body }) => JSON.parse(body.toString()) as { configuration?: { query: FakeQuery } } & FakeQuery)
      .map(
        ({ configuration, maximumBytesBilled }) =>
          configuration?.query.maximumBytesBilled ?? maximumBytesBilled,
      );

    expect(limits).toEqual(['5000', '5000', '5000', '5000']);
  });

  describe('ping', () => {
    it('is a dry run', async () => {
      await warehouse.ping();

      expect(bigquery.calls).toEqual(['POST /jobs']);
      expect(bigquery.jobs.size).toBe(0);
    });

    it('fails when jobs may not be run', async () => {
      bigquery.interfere = () => ({ status: 403, reason: 'accessDenied' });

      await expect(warehouse.ping()).rejects.toMatchObject({ code: 'warehouse_rejected' });
    });
  });
});
