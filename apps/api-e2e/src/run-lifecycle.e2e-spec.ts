import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { addDecimals } from '@pipelines/pipeline';
import { startProviderSandbox, type ProviderSandbox } from '@pipelines/provider-sandbox';
import type { ApiClient, RunStatus } from '@pipelines/service-driver';
import { injectFault, untilRequested } from './testing/sandbox-control.ts';
import { TestService } from './testing/test-service.ts';
import { startRun, untilEnded } from './testing/until-ended.ts';
import { unpadded } from './testing/unpadded.ts';

const ORG = 'acme_corp';
const WINDOW = { start_date: '2026-01-28', end_date: '2026-02-03' };
const COSTS = 'SELECT * EXCLUDE (_run_id, _loaded_at) FROM acme_corp_dev.openai_costs ORDER BY ALL';

interface CostTruth {
  readonly rows: number;
  readonly amount: string;
}

describe('a run', () => {
  let sandbox: ProviderSandbox;
  let service: TestService;
  let api: ApiClient;

  beforeAll(async () => {
    sandbox = await startProviderSandbox();
    service = await TestService.start({
      OPENAI_BASE_URL: sandbox.endpoints.openai,
      GCP_BILLING_CATALOG_BASE_URL: sandbox.endpoints.gcpBillingCatalog,
      GCP_TOKEN_URL: sandbox.endpoints.gcpToken,
    });
    api = await service.givenOrganization(ORG, sandbox.credentials);
  });

  afterAll(async () => {
    await service.stop();
    await sandbox.close();
  });

  const truth = async (rounding: { scale?: string }): Promise<CostTruth> => {
    const query = new URLSearchParams({ ...WINDOW, ...rounding });
    const response = await fetch(`${sandbox.url}/_sandbox/truth/openai/costs?${query}`);
    return (await response.json()) as CostTruth;
  };

  it('is accepted, goes through its states and loads what the provider billed, to the last digit', async () => {
    const accepted = await api.send('POST', `pipelines/run/${ORG}/openai/cost/costs_daily`, WINDOW);

    expect(accepted.status).toBe(202);
    const runId = accepted.body.run_id as string;
    expect(accepted.body).toEqual({
      run_id: runId,
      org: ORG,
      provider: 'openai',
      domain: 'cost',
      pipeline: 'costs_daily',
      status: 'pending',
      window: { start: '2026-01-28', end: '2026-02-03' },
      links: { status: `/api/v1/pipelines/status/${ORG}/${runId}` },
    });
    expect(accepted.headers.get('location')).toBe(`/api/v1/pipelines/status/${ORG}/${runId}`);

    const run = await untilEnded(api, ORG, runId);
    const { rows, amount } = await truth({ scale: '18' });
    expect(run).toMatchObject({ status: 'completed', attempt: 1, error: null });
    expect(run.receipt?.rows).toEqual({ extracted: rows, staged: rows, committed: rows, replaced: 0 });
    expect(run.progress).toEqual({ rows_extracted: rows, rows_loaded: rows });
    const { pending, validating, running, completed, failed } = run.timestamps;
    expect([pending, validating, running, completed]).toEqual(
      [pending, validating, running, completed].sort(),
    );
    expect(failed).toBeNull();
    const [loaded] = await service.rows(
      `SELECT count(*) AS rows, sum(amount) AS amount FROM acme_corp_dev.openai_costs`,
    );
    const received = await service.rows('SELECT amount_text FROM acme_corp_dev.openai_costs');
    expect(Number(loaded!.rows)).toBe(rows);
    expect(unpadded(loaded!.amount!)).toBe(unpadded(amount));
    const exact = received.reduce((sum, { amount_text }) => addDecimals(sum, amount_text!), '0');
    expect(exact).toBe(unpadded((await truth({})).amount));
    expect(unpadded(run.receipt!.money.staged[0]!.sum)).toBe(unpadded(amount));
  });

  it('gives the same table when the same days are run again', async () => {
    const before = await service.rows(COSTS);

    const again = await untilEnded(api, ORG, await startRun(api, ORG, 'openai/cost/costs_daily', WINDOW));

    expect(before.length).toBeGreaterThan(100);
    expect(again.receipt?.rows).toMatchObject({ committed: before.length, replaced: before.length });
    expect(await service.rows(COSTS)).toEqual(before);
  });

  it('replaces the days of its window and leaves the others alone', async () => {
    const before = await service.rows(COSTS);

    await untilEnded(api, ORG, await startRun(api, ORG, 'openai/cost/costs_daily', { date: '2026-02-03' }));

    const kept = await service.rows(COSTS.replace('ORDER', "WHERE usage_date < '2026-02-03' ORDER"));
    expect(kept).toEqual(before);
    expect((await service.rows(COSTS)).length).toBeGreaterThan(before.length);
  });

  it('loads usage and the price catalog', async () => {
    const runs = [
      await startRun(api, ORG, 'openai/api/usage_completions', WINDOW),
      await startRun(api, ORG, 'gcp/api/pricing_catalog'),
    ];

    const [usage, catalog] = await Promise.all(runs.map((runId) => untilEnded(api, ORG, runId)));

    expect(usage).toMatchObject({ status: 'completed' });
    expect(catalog).toMatchObject({ status: 'completed' });
    const query = new URLSearchParams(WINDOW);
    const response = await fetch(`${sandbox.url}/_sandbox/truth/openai/usage/completions?${query}`);
    const expected = (await response.json()) as Record<string, number>;
    const [tokens] = await service.rows(
      `SELECT sum(input_tokens) AS input, sum(output_tokens) AS output, sum(num_model_requests) AS requests
       FROM acme_corp_dev.openai_usage_completions`,
    );
    expect(tokens).toEqual({
      input: String(expected.input_tokens),
      output: String(expected.output_tokens),
      requests: String(expected.num_model_requests),
    });
    const [prices] = await service.rows('SELECT count(*) AS rows FROM acme_corp_dev.gcp_pricing_catalog');
    expect(Number(prices!.rows)).toBe(catalog!.receipt!.rows.committed);
  });

  it('is found in the history, newest first, page by page, also after a restart', async () => {
    await service.restart();

    const ids: string[] = [];
    let cursor = '';
    do {
      const page = await api.call<{ runs: RunStatus[]; next_cursor: string | null }>(
        'GET',
        `pipelines/history/${ORG}?limit=2${cursor && `&cursor=${cursor}`}`,
      );
      expect(page.runs.length).toBeLessThanOrEqual(2);
      ids.push(...page.runs.map(({ run_id }) => run_id));
      cursor = page.next_cursor ?? '';
    } while (cursor);

    expect(ids).toHaveLength(5);
    expect(ids).toEqual([...new Set(ids)].sort().reverse());
    const filtered = await api.call<{ runs: RunStatus[] }>(
      'GET',
      `pipelines/history/${ORG}?provider=gcp&status=completed`,
    );
    expect(filtered.runs).toHaveLength(1);
  });

  it('is taken over when its worker is killed, and loads once', async () => {
    await injectFault(sandbox, { path: '/openai/v1/organization/costs', kind: 'hang', times: 1 });
    const runId = await startRun(api, ORG, 'openai/cost/costs_daily', { date: '2026-02-10' });
    await untilRequested(
      sandbox,
      '/openai/v1/organization/costs',
      `start_time=${Date.parse('2026-02-10') / 1000}`,
    );

    await service.restart('SIGKILL');

    const run = await untilEnded(api, ORG, runId);
    expect(run).toMatchObject({ status: 'completed', attempt: 2 });
    expect(await service.concurrentCount(ORG)).toBe(0);
    const [loads] = await service.rows(
      `SELECT count(DISTINCT _run_id) AS runs FROM acme_corp_dev.openai_costs WHERE usage_date = '2026-02-10'`,
    );
    expect(loads).toEqual({ runs: '1' });
  }, 60_000);
});
