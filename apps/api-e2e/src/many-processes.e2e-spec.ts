import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startProviderSandbox, type ProviderSandbox } from '@pipelines/provider-sandbox';
import { ApiClient, until, type ServiceProcess } from '@pipelines/service-driver';
import { HalfRequest } from './testing/half-request.ts';
import { clearFaults, injectFault, untilRequested } from './testing/sandbox-control.ts';
import { TestService } from './testing/test-service.ts';
import { startBeside } from './testing/test-worker.ts';
import { startRun, untilEnded } from './testing/until-ended.ts';

const COSTS = 'openai/cost/costs_daily';
const COSTS_PATH = '/openai/v1/organization/costs';
const DATES = Array.from({ length: 6 }, (_, day) => `2026-01-${String(day + 5).padStart(2, '0')}`);

describe('API and workers as processes of their own on one database', () => {
  let sandbox: ProviderSandbox;
  let service: TestService;
  const beside: ServiceProcess[] = [];

  beforeAll(async () => {
    sandbox = await startProviderSandbox();
    service = await TestService.start({ OPENAI_BASE_URL: sandbox.endpoints.openai, ROLE: 'api' });
  }, 60_000);

  afterAll(async () => {
    await Promise.all(beside.map((process) => process.stop()));
    await service.stop();
    await sandbox.close();
  });

  async function join(role: 'api' | 'worker'): Promise<ServiceProcess> {
    const process = await startBeside(service, role, `${role}-${beside.length}`);
    beside.push(process);
    return process;
  }

  const inconsistent = () =>
    service.database.dataSource.query<unknown[]>(
      `SELECT org_slug FROM pipelines.usage_counters AS counter WHERE concurrent_count <>
         (SELECT count(*) FROM pipelines.runs
          WHERE org_slug = counter.org_slug AND status IN ('pending', 'validating', 'running'))`,
    );

  it('admit exactly as many as the plan allows, however many processes are asked at once', async () => {
    const api = await service.givenOrganization('crowd', {}, { concurrent_limit: 20 });
    const second = await join('api');
    const key = (
      await service.root.call<{ key: string }>('POST', 'organizations/crowd/keys', { scopes: ['run'] })
    ).key;
    const clients = [api, new ApiClient(second.baseUrl, key)];

    const answers = await Promise.all(
      Array.from({ length: 300 }, (_, index) =>
        clients[index % 2]!.send('POST', `pipelines/run/crowd/${COSTS}`, { date: '2026-01-05' }),
      ),
    );

    const count = (status: number) => answers.filter((answer) => answer.status === status).length;
    expect([count(202), count(429)]).toEqual([20, 280]);
    expect(await inconsistent()).toEqual([]);
  });

  it('lose no run and load none twice when workers are killed in the middle of their work', async () => {
    const api = await service.givenOrganization('survivor', { openai: sandbox.credentials.openai });
    const doomed = [await join('worker'), await join('worker')];
    // None ends before its worker does.
    await injectFault(sandbox, { path: COSTS_PATH, kind: 'hang', times: DATES.length });
    const runs = await Promise.all(DATES.map((date) => startRun(api, 'survivor', COSTS, { date })));

    await untilRequested(sandbox, COSTS_PATH, `start_time=${Date.parse(DATES[0]!) / 1000}`);

    await Promise.all(doomed.map((worker) => worker.kill('SIGKILL')));
    await clearFaults(sandbox);
    await join('worker');

    const ended = await Promise.all(runs.map((runId) => untilEnded(api, 'survivor', runId)));
    expect(ended.map(({ status }) => status)).toEqual(DATES.map(() => 'completed'));
    expect(Math.max(...ended.map(({ attempt }) => attempt))).toBeGreaterThan(1);
    expect(await service.concurrentCount('survivor')).toBe(0);
    const loads = await service.rows(
      `SELECT usage_date, count(DISTINCT _run_id) AS runs, count(*) AS rows FROM survivor_dev.openai_costs GROUP BY ALL`,
    );
    expect(loads.map(({ runs: loadedBy }) => loadedBy)).toEqual(DATES.map(() => '1'));
    const { baseUrl } = beside.at(-1)!;
    const scraped = await fetch(`${baseUrl}/metrics`, {
      headers: { authorization: `Bearer ${service.rootKey}` },
    });
    expect(scraped.headers.get('content-type')).toContain('text/plain; version=0.0.4');
    const metrics = await scraped.text();
    expect(metrics).toContain(`pipelines_runs_ended_total{status="completed",code=""} ${DATES.length}`);
    expect(metrics).toContain('pipelines_organizations_inconsistent 0');
    expect((await fetch(`${baseUrl}/metrics`)).status).toBe(401);
    const committed = ended.reduce((rows, { receipt }) => rows + receipt!.rows.committed, 0);
    expect(loads.reduce((rows, load) => rows + Number(load.rows), 0)).toBe(committed);
  }, 90_000);

  it('hand the runs of a worker that is told to stop to another one', async () => {
    const api = await service.givenOrganization('handover', { openai: sandbox.credentials.openai });
    const stopping = await join('worker');
    const runs = await Promise.all(DATES.map((date) => startRun(api, 'handover', COSTS, { date })));

    expect(await stopping.stop()).toBe(0);

    const ended = await Promise.all(runs.map((runId) => untilEnded(api, 'handover', runId)));
    expect(ended.every(({ status }) => status === 'completed')).toBe(true);
  }, 60_000);

  it('tell requests that they were already reading when they were told to stop where to go', async () => {
    await service.givenOrganization('late');
    const stopping = await join('api');
    const run = await HalfRequest.send(stopping, `POST /api/v1/pipelines/run/late/${COSTS}`, service.rootKey);
    const ready = await HalfRequest.send(stopping, 'GET /api/v1/health/ready', service.rootKey);
    // An answer to what came later shows that the process has read what came before.
    await fetch(`${stopping.baseUrl}/api/v1/health/live`);

    const stopped = stopping.stop();
    await until('the process listens no more', 10_000, () =>
      fetch(`${stopping.baseUrl}/api/v1/health/live`).then(
        () => false,
        () => true,
      ),
    );

    expect(await run.answer()).toMatchObject({
      status: 503,
      headers: { 'retry-after': '2', 'content-type': expect.stringContaining('application/problem+json') },
      body: { code: 'shutting_down' },
    });
    expect(await ready.answer()).toMatchObject({ status: 503, body: { checks: { database: 'ok' } } });
    expect(await stopped).toBe(0);
  });
});
