import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { startProviderSandbox, type ProviderSandbox } from '../../index.ts';

interface Result {
  readonly [field: string]: unknown;
}

interface Page {
  readonly data: readonly { readonly starting_at: string; readonly results: readonly Result[] }[];
  readonly has_more: boolean;
  readonly next_page: string | null;
}

interface Truth {
  readonly amount: string;
  readonly rows: number;
  readonly days: readonly { readonly rows: number; readonly amount: string }[];
}

const DAY_MS = 86_400_000;
const WEEK = 'starting_at=2026-11-01T00:00:00Z&ending_at=2026-11-08T00:00:00Z';
const COST_GROUPING = 'group_by[]=workspace_id&group_by[]=description';
const USAGE_GROUPING = ['workspace_id', 'api_key_id', 'model', 'service_tier', 'context_window']
  .map((name) => `group_by[]=${name}`)
  .join('&');

describe('provider sandbox: Anthropic', () => {
  let sandbox: ProviderSandbox;

  const get = (path: string, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(`${sandbox.endpoints.anthropic}/v1/organizations/${path}`, {
      headers: {
        'x-api-key': sandbox.credentials.anthropic.api_key,
        'anthropic-version': '2023-06-01',
        ...headers,
      },
    });
  const page = async (path: string): Promise<Page> => (await (await get(path)).json()) as Page;
  const resultsOf = ({ data }: Page): Result[] => data.flatMap(({ results }) => results);
  const truth = async <T>(path: string): Promise<T> =>
    (await (await fetch(`${sandbox.url}/_sandbox/truth/anthropic/${path}`)).json()) as T;
  const week = 'start_date=2026-11-01&end_date=2026-11-08';

  beforeAll(async () => {
    sandbox = await startProviderSandbox({ seed: 'spec' });
  });

  afterAll(() => sandbox.close());

  it('writes costs as texts in cents that add up to its truth in dollars, in every grouping', async () => {
    const { amount, rows, days } = await truth<Truth>(`costs?${week}`);

    const grouped = await page(`cost_report?${WEEK}&${COST_GROUPING}`);
    const ungrouped = await page(`cost_report?${WEEK}`);

    expect(grouped.data.map(({ results }) => results.length)).toEqual(days.map((day) => day.rows));
    expect(resultsOf(grouped)).toHaveLength(rows);
    expect(dollars(resultsOf(grouped))).toBe(amount);
    expect(dollars(resultsOf(ungrouped))).toBe(amount);
    expect(resultsOf(grouped).every((result) => typeof result.amount === 'string')).toBe(true);
  });

  it('charges tokens of every type, searches and code execution, credits too, and no Priority Tier', async () => {
    const results = resultsOf(
      await page(
        `cost_report?starting_at=2026-10-01T00:00:00Z&ending_at=2026-11-01T00:00:00Z&limit=31&${COST_GROUPING}`,
      ),
    );
    const values = (name: string) => [...new Set(results.map((result) => result[name]))].sort();

    expect(values('cost_type')).toEqual(['code_execution', null, 'tokens', 'web_search']);
    expect(values('token_type')).toEqual([
      'cache_creation.ephemeral_1h_input_tokens',
      'cache_creation.ephemeral_5m_input_tokens',
      'cache_read_input_tokens',
      null,
      'output_tokens',
      'uncached_input_tokens',
    ]);
    expect(values('service_tier')).toEqual(['batch', null, 'standard']);
    expect(values('workspace_id')).toContain(null);
    expect(results.some(({ amount }) => String(amount).startsWith('-'))).toBe(true);
    expect(results.some(({ amount }) => /\.\d{15,}$/.test(String(amount)))).toBe(true);
  });

  it('has one cost for a day, workspace and description', async () => {
    const { data } = await page(`cost_report?${WEEK}&${COST_GROUPING}`);

    for (const { results } of data) {
      const keys = results.map(({ workspace_id, description }) =>
        JSON.stringify([workspace_id, description]),
      );
      expect(new Set(keys).size).toBe(keys.length);
    }
  });

  it('charges the tokens that its usage report counts', async () => {
    const day = 'starting_at=2026-11-04T00:00:00Z&ending_at=2026-11-05T00:00:00Z';
    const costs = resultsOf(await page(`cost_report?${day}&${COST_GROUPING}`));
    const usage = resultsOf(await page(`usage_report/messages?${day}&${USAGE_GROUPING}`));

    const charged = costs.filter(({ cost_type }) => cost_type === 'tokens');
    const used = new Set(usage.map(combination));
    expect(charged.filter((cost) => !used.has(combination(cost)))).toEqual([]);
    expect(usage.some(({ service_tier }) => service_tier === 'priority')).toBe(true);
  });

  it('charges every web search a cent, also those of Priority Tier, which prepays tokens alone', async () => {
    const span = 'starting_at=2026-09-01T00:00:00Z&ending_at=2026-09-08T00:00:00Z';
    const costs = resultsOf(await page(`cost_report?${span}&${COST_GROUPING}`));
    const usage = resultsOf(await page(`usage_report/messages?${span}&${USAGE_GROUPING}`));
    const searches = (result: Result) => (result.server_tool_use as Result).web_search_requests;

    const charged = costs.filter(({ cost_type }) => cost_type === 'web_search');
    expect(sum(charged, ({ amount }) => Number(amount))).toBe(sum(usage, searches));
    expect(usage.some((result) => result.service_tier === 'priority' && Number(searches(result)) > 0)).toBe(
      true,
    );
  });

  it('counts usage whose hours add up to days, and both to the truth', async () => {
    const { output_tokens, web_search_requests } = await truth<Record<string, number>>(
      'usage/messages?start_date=2026-11-01&end_date=2026-11-03',
    );
    const span = 'starting_at=2026-11-01T00:00:00Z&ending_at=2026-11-03T00:00:00Z';

    const daily = resultsOf(await page(`usage_report/messages?${span}&${USAGE_GROUPING}`));
    const hourly = resultsOf(await page(`usage_report/messages?${span}&bucket_width=1h&limit=48`));

    for (const results of [daily, hourly]) {
      expect(sum(results, (result) => result.output_tokens)).toBe(output_tokens);
      const searches = (result: Result) => (result.server_tool_use as Result).web_search_requests;
      expect(sum(results, searches)).toBe(web_search_requests);
    }
    expect(daily.some(({ api_key_id }) => api_key_id === null)).toBe(true);
  });

  it('pages by buckets, with a cursor bound to its query', async () => {
    const first = await page(`cost_report?${WEEK}&limit=4`);
    const second = await page(`cost_report?${WEEK}&limit=4&page=${first.next_page}`);

    expect(first.data.map(({ starting_at }) => starting_at)).toEqual([
      '2026-11-01T00:00:00Z',
      '2026-11-02T00:00:00Z',
      '2026-11-03T00:00:00Z',
      '2026-11-04T00:00:00Z',
    ]);
    expect(first.has_more).toBe(true);
    expect(second.data).toHaveLength(3);
    expect(second).toMatchObject({ has_more: false, next_page: null });
    expect((await get(`cost_report?${WEEK}&limit=5&page=${first.next_page}`)).status).toBe(400);
  });

  it('snaps a start down to its bucket', async () => {
    const { data } = await page(
      'usage_report/messages?starting_at=2026-11-01T10:30:00Z&ending_at=2026-11-02T00:00:00Z',
    );

    expect(data.map(({ starting_at }) => starting_at)).toEqual(['2026-11-01T00:00:00Z']);
  });

  it.each([
    ['a limit above the maximum', `cost_report?${WEEK}&limit=32`, 'limit'],
    ['a usage limit above the maximum', `usage_report/messages?${WEEK}&limit=32`, 'between 1 and 31'],
    [
      'an hourly limit above the maximum',
      `usage_report/messages?${WEEK}&bucket_width=1h&limit=169`,
      'between 1 and 168',
    ],
    ['a limit of no bucket', `cost_report?${WEEK}&limit=0`, 'limit'],
    ['no start', 'cost_report', 'starting_at'],
    ['a dimension without brackets', `cost_report?${WEEK}&group_by=workspace_id`, 'group_by: '],
    [
      'speeds without the beta header',
      `usage_report/messages?${WEEK}&group_by[]=speed`,
      'anthropic-beta: fast-mode-2026-02-01',
    ],
    ['a workspaces limit above the maximum', 'workspaces?limit=1001', 'between 1 and 1000'],
    ['a keys limit above the maximum', 'api_keys?limit=1001', 'between 1 and 1000'],
    ['an item that it did not list', 'workspaces?after_id=wrkspc_unlisted', 'after_id'],
    ['an unknown status', 'api_keys?status=lost', 'status'],
    ['a value that is no boolean', 'workspaces?include_archived=1', 'include_archived'],
    ['a day in place of a time', 'cost_report?starting_at=2026-11-01', 'starting_at'],
    ['an unknown dimension', `cost_report?${WEEK}&group_by[]=api_key_id`, 'api_key_id'],
    [
      'a sixth dimension',
      `usage_report/messages?${WEEK}&${USAGE_GROUPING}&group_by[]=inference_geo`,
      'Cannot specify more than 5 group_by[] dimensions.',
    ],
    ['hours of costs', `cost_report?${WEEK}&bucket_width=1h`, 'bucket_width'],
    ['a cursor of its own making', `cost_report?${WEEK}&page=AAAA`, 'page'],
  ])('refuses %s', async (_kind, path, message) => {
    const answer = await get(path);

    expect(answer.status).toBe(400);
    expect(await answer.json()).toEqual({
      type: 'error',
      error: { type: 'invalid_request_error', message: expect.stringContaining(message) },
      request_id: 'req_sandbox',
    });
  });

  it.each<[string, Record<string, string>, number]>([
    ['an ordinary key', { 'x-api-key': 'sk-ant-api03-x' }, 401],
    ['no key', { 'x-api-key': '' }, 401],
  ])('answers %s with HTTP 401', async (_kind, headers, status) => {
    expect((await get(`cost_report?${WEEK}`, headers)).status).toBe(status);
  });

  it.each([
    ['no version', {}],
    ['an unknown version', { 'anthropic-version': '2026-12-01' }],
  ])('refuses %s', async (_kind, headers) => {
    const answer = await fetch(`${sandbox.endpoints.anthropic}/v1/organizations/me`, {
      headers: { 'x-api-key': sandbox.credentials.anthropic.api_key, ...headers },
    });

    expect(answer.status).toBe(400);
  });

  it('groups by speed with the beta header', async () => {
    const answer = await get(`usage_report/messages?${WEEK}&group_by[]=speed`, {
      'anthropic-beta': 'analytics-usage-cost-2026-08-24, fast-mode-2026-02-01',
    });

    const speeds = resultsOf((await answer.json()) as Page).map(({ speed }) => speed);
    expect(new Set(speeds)).toEqual(new Set(['standard']));
  });

  it('names the organization, workspaces, archived and default ones when asked, and keys', async () => {
    const list = async (path: string) =>
      (await (await get(path)).json()) as { data: Result[]; last_id: string; has_more: boolean };
    const names = async (path: string) => (await list(path)).data.map(({ name }) => name);

    expect(await (await get('me')).json()).toMatchObject({
      name: 'Sandbox Organization',
      type: 'organization',
    });
    expect(await names('workspaces')).toEqual(['Assistant', 'Code Review', 'Translation']);
    expect(await names('workspaces?include_archived=true&include_default=true')).toEqual([
      'Default',
      'Assistant',
      'Code Review',
      'Translation',
      'Old Pilot',
    ]);
    const first = await list('api_keys?limit=8');
    expect([first.data.length, first.has_more]).toEqual([8, true]);
    expect((await list(`api_keys?limit=8&after_id=${first.last_id}`)).data).toHaveLength(2);
  });

  it('lets a key of reports alone read costs, and no names', async () => {
    const headers = { 'x-api-key': 'sk-ant-admin01-reports-only-1' };

    expect((await get(`cost_report?${WEEK}`, headers)).status).toBe(200);
    expect((await get('workspaces', headers)).status).toBe(403);
  });

  it('counts usage by the minute, 60 of them on a page unless more are asked for, and 1440 at most', async () => {
    const day = 'starting_at=2026-11-01T00:00:00Z&ending_at=2026-11-02T00:00:00Z';
    const minutes = `usage_report/messages?${day}&bucket_width=1m`;
    const { output_tokens } = await truth<Record<string, number>>(
      'usage/messages?start_date=2026-11-01&end_date=2026-11-02',
    );

    const whole = await page(`${minutes}&limit=1440`);

    expect([whole.data.length, (await page(minutes)).data.length]).toEqual([1_440, 60]);
    expect(sum(resultsOf(whole), (result) => result.output_tokens)).toBe(output_tokens);
    expect((await get(`${minutes}&limit=1441`)).status).toBe(400);
  });

  it('has costs on each of the last 90 days', async () => {
    const day = (ago: number) => new Date(Date.now() - ago * DAY_MS).toISOString().slice(0, 10);

    const { days } = await truth<Truth>(`costs?start_date=${day(91)}&end_date=${day(0)}`);

    expect(days).toHaveLength(91);
    expect(Math.min(...days.map(({ rows }) => rows))).toBeGreaterThan(20);
  });

  describe('on a day of its own', () => {
    const pin = async (today: string): Promise<void> => {
      const headers = { 'content-type': 'application/json' };
      await fetch(`${sandbox.url}/_sandbox/clock`, {
        method: 'PUT',
        headers,
        body: JSON.stringify({ today }),
      });
    };

    afterEach(async () => {
      await fetch(`${sandbox.url}/_sandbox/clock`, { method: 'DELETE' });
    });

    it('refuses costs of a span in which no day is completed', async () => {
      await pin('2026-10-15');

      expect((await get('cost_report?starting_at=2026-10-15T00:00:00Z')).status).toBe(400);
      expect((await get('cost_report?starting_at=2026-10-14T00:00:00Z')).status).toBe(200);
    });

    it('learns of late and corrected costs as time goes by', async () => {
      const october = 'start_date=2026-10-12&end_date=2026-10-15';
      const at = async (today: string): Promise<Truth> => {
        await pin(today);
        return truth<Truth>(`costs?${october}`);
      };

      const next = await at('2026-10-15');
      const open = await at('2026-11-02');
      const closed = await at('2026-11-03');

      expect(next.rows).toBeLessThan(open.rows);
      expect(open.rows).toBe(closed.rows);
      expect(open.amount).not.toBe(closed.amount);
    });
  });
});

function combination(result: Result): string {
  const { workspace_id, model, service_tier, context_window } = result;
  return JSON.stringify([workspace_id, model, service_tier, context_window]);
}

function sum(results: readonly Result[], read: (result: Result) => unknown): number {
  return results.reduce((total, result) => total + Number(read(result)), 0);
}

/** The exact sum of amounts in cents, in dollars. */
function dollars(results: readonly Result[]): string {
  const units = results.reduce((total, { amount }) => {
    const [, sign, whole, fraction = ''] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(String(amount))!;
    const digits = BigInt(`${whole}${fraction.padEnd(25, '0')}`);
    return total + (sign === '-' ? -digits : digits);
  }, 0n);
  const text = units.toString().padStart(28, '0');
  return `${text.slice(0, -27)}.${text.slice(-27)}`.replace(/\.?0+$/, '');
}
