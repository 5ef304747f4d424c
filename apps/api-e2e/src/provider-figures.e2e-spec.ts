import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { addDecimals, shiftDecimal } from '@pipelines/pipeline';
import { startProviderSandbox, type ProviderSandbox } from '@pipelines/provider-sandbox';
import type { ApiClient, RunStatus } from '@pipelines/service-driver';
import { clearFaults, injectFault, pinClock, releaseClock } from './testing/sandbox-control.ts';
import { TestService } from './testing/test-service.ts';
import { startRun, untilEnded } from './testing/until-ended.ts';

const ORG = 'acme_corp';
/** Over a year's end, and on both sides of the day from which costs know their keys. */
const NEW_YEAR = { start_date: '2025-12-29', end_date: '2026-01-03' };
const KEYS_BEGIN = { start_date: '2025-12-04', end_date: '2025-12-08' };
const MONTH_END = { start_date: '2026-10-28', end_date: '2026-11-03' };

const OPENAI_KINDS = [
  'audio_speeches',
  'audio_transcriptions',
  'code_interpreter_sessions',
  'completions',
  'embeddings',
  'file_search_calls',
  'images',
  'moderations',
  'vector_stores',
  'web_search_calls',
];

type Window = typeof NEW_YEAR;

interface Truth {
  readonly rows: number;
  readonly amount: string;
}

describe('the figures of a provider', () => {
  let sandbox: ProviderSandbox;
  let service: TestService;
  let api: ApiClient;

  beforeAll(async () => {
    sandbox = await startProviderSandbox({ seed: 'figures' });
    service = await TestService.start({
      OPENAI_BASE_URL: sandbox.endpoints.openai,
      ANTHROPIC_BASE_URL: sandbox.endpoints.anthropic,
    });
    api = await service.givenOrganization(ORG, sandbox.credentials);
  }, 90_000);

  afterEach(async () => {
    await clearFaults(sandbox);
    await releaseClock(sandbox);
  });

  afterAll(async () => {
    await service.stop();
    await sandbox.close();
  });

  const truth = async <T>(path: string, query: Readonly<Record<string, string>>): Promise<T> => {
    const response = await fetch(`${sandbox.url}/_sandbox/truth/${path}?${new URLSearchParams(query)}`);
    return (await response.json()) as T;
  };
  const load = async (pipeline: string, window: object, org = ORG, client = api): Promise<RunStatus> => {
    const run = await untilEnded(client, org, await startRun(client, org, pipeline, window));
    expect(run).toMatchObject({ status: 'completed', error: null });
    return run;
  };
  const table = (name: string, { start_date, end_date }: Window, org = ORG) =>
    service.rows(
      `SELECT * EXCLUDE (_run_id, _pipeline, _loaded_at, _credential) FROM ${org}_dev.${name}
       WHERE usage_date >= '${start_date}' AND usage_date < '${end_date}' ORDER BY ALL`,
    );

  describe.each([
    ['openai', 'openai_costs', (text: string) => text],
    // Written in cents.
    ['anthropic', 'anthropic_costs', (text: string) => shiftDecimal(text, -2)],
  ] as const)('%s', (provider, tableName, inDollars) => {
    const pipeline = `${provider}/cost/costs_daily`;
    const expectTruth = async (window: Window, org = ORG, key: Record<string, string> = {}) => {
      const exact = await truth<Truth>(`${provider}/costs`, { ...window, ...key });
      const kept = await truth<Truth>(`${provider}/costs`, { ...window, ...key, scale: '18' });
      const rows = await table(tableName, window, org);
      expect(rows).toHaveLength(exact.rows);
      expect(sumOf(rows.map(({ amount_text }) => inDollars(amount_text!)))).toBe(exact.amount);
      expect(sumOf(rows.map(({ amount }) => amount!))).toBe(kept.amount);
      return rows;
    };

    it.each([NEW_YEAR, KEYS_BEGIN])('are its costs to the last digit, over %j', async (window) => {
      await load(pipeline, window);

      await expectTruth(window);
    });

    it('take up late and corrected costs when days are loaded again, and then change no more', async () => {
      await pinClock(sandbox, '2026-11-03');
      await load(pipeline, MONTH_END);
      const early = await expectTruth(MONTH_END);

      await pinClock(sandbox, '2026-11-04');
      await load(pipeline, MONTH_END);
      const next = await expectTruth(MONTH_END);
      await releaseClock(sandbox);
      const settled = await load(pipeline, MONTH_END);
      const final = await expectTruth(MONTH_END);
      const again = await load(pipeline, MONTH_END);

      expect(early.length).toBeLessThan(next.length);
      expect(settled.receipt!.restatement.entries.length).toBeGreaterThan(0);
      expect(again.receipt!.restatement.entries).toEqual([]);
      expect(await table(tableName, MONTH_END)).toEqual(final);
    });

    it('come without names when those are refused', async () => {
      const key = provider === 'openai' ? 'sk-admin-usage-only-0001' : 'sk-ant-admin01-reports-only-0001';
      const org = `restricted_${provider}`;
      const client = await service.givenOrganization(org, { [provider]: { api_key: key } });

      await load(pipeline, NEW_YEAR, org, client);

      const rows = await expectTruth(NEW_YEAR, org, { api_key: key });
      const named = Object.keys(rows[0]!).filter((column) => column.endsWith('_name'));
      expect(named.length).toBeGreaterThan(1);
      expect(rows.flatMap((row) => named.map((column) => row[column])).filter(Boolean)).toEqual([]);
    });
  });

  it.each([
    ['openai', 'openai/cost/costs_daily', '/openai/v1/organization/costs', 'api_key_id'],
    ['anthropic', 'anthropic/cost/costs_daily', '/anthropic/v1/organizations/cost_report', 'workspace_id'],
  ])(
    'lose no money when %s refuses a grouping and every name',
    async (provider, pipeline, path, dimension) => {
      const key = provider === 'openai' ? 'sk-admin-usage-only-0002' : 'sk-ant-admin01-reports-only-0002';
      const org = `ungrouped_${provider}`;
      const client = await service.givenOrganization(org, { [provider]: { api_key: key } });
      await injectFault(sandbox, { path, query: dimension, kind: 'status', status: 400, times: 99 });

      const run = await untilEnded(client, org, await startRun(client, org, pipeline, NEW_YEAR));

      const [{ amount } = {}] = await service.rows(
        `SELECT sum(amount) AS amount FROM ${org}_dev.${provider}_costs WHERE ${dimension} IS NULL`,
      );
      const query = { ...NEW_YEAR, api_key: key };
      expect(run).toMatchObject({ status: 'completed', attempt: 1 });
      expect(shiftDecimal(amount!, 0)).toBe(shiftDecimal(run.receipt!.money.committed[0]!.sum, 0));
      const whole = await truth<Truth>(`${provider}/costs`, query);
      expect(Number(amount)).toBeCloseTo(Number(whole.amount), 9);
      const leftOut = run.receipt!.left_out!;
      expect(leftOut[0]).toEqual({
        part: `grouping by ${dimension}`,
        code: 'provider_rejected_request',
        reason: expect.stringContaining('HTTP 400'),
      });
      expect(leftOut.slice(1).map(({ code }) => code)).toContain('credential_rejected');
      for (const { part } of leftOut) {
        expect(service.output.split(`Run ${run.run_id}: left out ${part} (`)).toHaveLength(2);
      }
    },
  );

  it('carry the names of projects, keys and owners, archived ones too, save what was deleted', async () => {
    const [openai] = await service.rows(
      `SELECT count(*) FILTER (project_name IS NULL) AS nameless,
         count(DISTINCT project_name) AS projects,
         count(DISTINCT api_key_id) FILTER (api_key_id IS NOT NULL AND api_key_name IS NULL) AS deleted,
         count(*) FILTER (api_key_name IS NOT NULL AND user_name IS NULL) AS unowned
       FROM ${ORG}_dev.openai_costs WHERE usage_date BETWEEN '2025-12-29' AND '2026-01-02'`,
    );
    const [anthropic] = await service.rows(
      `SELECT count(*) FILTER (workspace_name IS NULL) AS nameless, count(DISTINCT workspace_name) AS workspaces,
         count(*) FILTER (workspace_id IS NULL AND default_workspace_id IS NULL) AS undefaulted,
         min(organization_name) AS organization
       FROM ${ORG}_dev.anthropic_costs WHERE usage_date BETWEEN '2025-12-29' AND '2026-01-02'`,
    );

    expect(openai).toEqual({ nameless: '0', projects: '5', deleted: '1', unowned: '0' });
    expect(anthropic).toEqual({
      ...{ nameless: '0', workspaces: '5', undefaulted: '0', organization: 'Sandbox Organization' },
    });
  });

  it.each(OPENAI_KINDS)('are the usage of %s at OpenAI', async (kind) => {
    const { rows, start_date, end_date, days, ...counts } = await truth<Record<string, unknown>>(
      `openai/usage/${kind}`,
      NEW_YEAR,
    );

    const run = await load(`openai/api/usage_${kind}`, { start_date, end_date });

    expect(days).toHaveLength(5);
    expect(run.receipt!.rows.committed).toBe(rows);
    // Of the split of input tokens nothing is known before 2026.
    const isSplit = (name: string) => /^input_(cache_write|uncached)_tokens$/.test(name);
    const known = Object.fromEntries(Object.entries(counts).filter(([name]) => !isSplit(name)));
    expect(await sums(`openai_usage_${kind}`, Object.keys(known))).toEqual(known);
  });

  it("are the usage of Anthropic's messages", async () => {
    const { rows, start_date, end_date, days, ...counts } = await truth<Record<string, number>>(
      'anthropic/usage/messages',
      NEW_YEAR,
    );

    const run = await load('anthropic/api/usage_messages', { start_date, end_date });

    expect(days).toHaveLength(5);
    expect(run.receipt!.rows.committed).toBe(rows);
    const { cache_creation_5m, cache_creation_1h, ...others } = counts;
    const expected = {
      ...others,
      cache_creation_5m_input_tokens: cache_creation_5m,
      cache_creation_1h_input_tokens: cache_creation_1h,
    };
    expect(await sums('anthropic_usage_messages', Object.keys(expected))).toEqual(expected);
  });

  it('survive a rate limit and an overload, and stay as they were when a page is cut off', async () => {
    const path = '/anthropic/v1/organizations/cost_report';
    await injectFault(sandbox, { path, kind: 'status', status: 429, retry_after: 0 });
    await injectFault(sandbox, { path, kind: 'status', status: 529 });
    const before = await table('anthropic_costs', NEW_YEAR);

    await load('anthropic/cost/costs_daily', NEW_YEAR);

    expect(await table('anthropic_costs', NEW_YEAR)).toEqual(before);
    await injectFault(sandbox, { path, kind: 'truncate' });
    const runId = await startRun(api, ORG, 'anthropic/cost/costs_daily', NEW_YEAR);
    expect(await untilEnded(api, ORG, runId)).toMatchObject({
      status: 'failed',
      error: { code: 'provider_response_invalid' },
    });
    expect(await table('anthropic_costs', NEW_YEAR)).toEqual(before);
  });

  async function sums(name: string, columns: readonly string[]): Promise<Record<string, number>> {
    const [row] = await service.rows(
      `SELECT ${columns.map((column) => `sum(${column}) AS ${column}`).join()} FROM ${ORG}_dev.${name}`,
    );
    return Object.fromEntries(Object.entries(row!).map(([column, sum]) => [column, Number(sum)]));
  }
});

function sumOf(decimals: readonly string[]): string {
  return decimals.reduce((sum, decimal) => addDecimals(sum, decimal), '0');
}
