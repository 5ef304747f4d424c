import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { startProviderSandbox, type ProviderSandbox } from '../../index.ts';

interface Result {
  readonly [field: string]: unknown;
  readonly amount: { readonly value: unknown; readonly currency: string };
}

interface Page {
  readonly data: readonly { readonly start_time: number; readonly results: readonly Result[] }[];
  readonly has_more: boolean;
  readonly next_page: string | null;
}

const NOVEMBER_1 = 1793491200;
const DAY = 86_400;
const ALL_DIMENSIONS = 'group_by=project_id&group_by=line_item&group_by=api_key_id';

describe('provider sandbox: OpenAI', () => {
  let sandbox: ProviderSandbox;

  const get = (path: string, key = sandbox.credentials.openai.api_key): Promise<Response> =>
    fetch(`${sandbox.endpoints.openai}/organization/${path}`, {
      headers: { authorization: `Bearer ${key}` },
    });
  const span = (days: number): string => `start_time=${NOVEMBER_1}&end_time=${NOVEMBER_1 + days * DAY}`;
  const page = async (path: string, key?: string): Promise<Page> =>
    (await (await get(path, key)).json()) as Page;
  const truth = async <T>(path: string): Promise<T> =>
    (await (await fetch(`${sandbox.url}/_sandbox/truth/openai/${path}`)).json()) as T;

  beforeAll(async () => {
    sandbox = await startProviderSandbox({ seed: 'spec' });
  });

  afterAll(() => sandbox.close());

  it('gives the same bytes for the same request, whenever and wherever it is asked', async () => {
    const other = await startProviderSandbox({ seed: 'spec' });
    const path = `costs?${span(3)}&${ALL_DIMENSIONS}`;
    const authorization = `Bearer ${sandbox.credentials.openai.api_key}`;

    const here = await (await get(path)).text();
    const there = await (
      await fetch(`${other.endpoints.openai}/organization/${path}`, { headers: { authorization } })
    ).text();
    await other.close();

    expect(there).toBe(here);
  });

  it('writes costs of no more fraction digits than it is asked for', async () => {
    const other = await startProviderSandbox({ seed: 'spec', costFractionDigits: 18 });
    const answer = await fetch(`${other.endpoints.openai}/organization/costs?${span(3)}&${ALL_DIMENSIONS}`, {
      headers: { authorization: `Bearer ${other.credentials.openai.api_key}` },
    });
    const text = await answer.text();
    await other.close();

    const fractions = [...text.matchAll(/"value":\s?"-?\d+\.(\d+)"/g)].map(([, digits]) => digits!.length);

    expect(Math.max(...fractions)).toBe(18);
  });

  it('gives each admin key an organization of its own', async () => {
    const path = `costs?${span(1)}`;

    expect(await page(path, 'sk-admin-a')).not.toEqual(await page(path, 'sk-admin-b'));
  });

  it('pages by buckets, with a cursor bound to its query', async () => {
    const first = await page(`costs?${span(3)}&limit=2`);
    const second = await page(`costs?${span(3)}&limit=2&page=${first.next_page}`);

    expect(first.data.map(({ start_time }) => start_time)).toEqual([NOVEMBER_1, NOVEMBER_1 + DAY]);
    expect(first.has_more).toBe(true);
    expect(second.data.map(({ start_time }) => start_time)).toEqual([NOVEMBER_1 + 2 * DAY]);
    expect(second).toMatchObject({ has_more: false, next_page: null });
    expect((await get(`costs?${span(4)}&limit=2&page=${first.next_page}`)).status).toBe(400);
  });

  it('writes amounts as text and as numbers, with more digits than a float holds, negative ones among them', async () => {
    const text = await (await get(`costs?${span(7)}&${ALL_DIMENSIONS}`)).text();

    expect(text).toMatch(/"value":"\d+\.\d{20,}"/);
    expect(text).toMatch(/"value":\d+\.\d{20,}/);
    expect(text).toMatch(/"value":-?\d+e-25/);
    expect(text).toMatch(/"value":"?-\d/);
    expect(text).toContain('"api_key_id":null');
  });

  it('accepts both spellings of array parameters', async () => {
    const plain = await page(`costs?${span(1)}&group_by=project_id&group_by=line_item`);
    const bracketed = await page(`costs?${span(1)}&group_by[]=project_id&group_by[]=line_item`);

    expect(bracketed.data).toEqual(plain.data);
    expect(plain.data[0]!.results.length).toBeGreaterThan(25);
  });

  it('filters by project', async () => {
    const { data } = await page(`costs?${span(1)}&group_by=project_id`);
    const project = String(data[0]!.results[0]!.project_id);

    const filtered = await page(`costs?${span(1)}&group_by=project_id&project_ids=${project}`);

    expect(filtered.data[0]!.results).toEqual([data[0]!.results[0]]);
  });

  it.each([
    ['a limit above the maximum', `costs?${span(1)}&limit=181`, 'Invalid limit provided', 'limit'],
    [
      'a usage limit above the maximum',
      `usage/completions?${span(1)}&limit=32`,
      'Invalid limit provided',
      'limit',
    ],
    [
      'an hourly limit above the maximum',
      `usage/completions?${span(1)}&bucket_width=1h&limit=169`,
      'Invalid limit provided',
      'limit',
    ],
    ['a limit of no bucket', `costs?${span(1)}&limit=0`, 'Invalid limit provided', 'limit'],
    ['hours of costs', `costs?${span(1)}&bucket_width=1h`, 'buckets of 1d', 'bucket_width'],
    ['no start', 'costs?limit=1', 'Missing required parameter', 'start_time'],
    [
      'an end in the future',
      `costs?start_time=${NOVEMBER_1}&end_time=32503680000`,
      'must not be in the future',
      'end_time',
    ],
    [
      'a dimension of another kind of usage',
      `usage/vector_stores?${span(1)}&group_by=model`,
      'Invalid value for group_by',
      'group_by',
    ],
    ['a filter that it lacks', `costs?${span(1)}&user_ids=user-1`, 'Unknown parameter', 'user_ids'],
    ['a projects limit above the maximum', 'projects?limit=101', 'Invalid limit provided', 'limit'],
    ['a users limit above the maximum', 'users?limit=101', 'Invalid limit provided', 'limit'],
    ['an item that it did not list', 'projects?after=proj_unlisted', 'Invalid value for after', 'after'],
    ['a value that is no boolean', 'projects?include_archived=1', 'Invalid value', 'include_archived'],
    ['an unknown dimension', `costs?${span(1)}&group_by=colour`, 'Invalid value for group_by', 'group_by'],
    [
      'API keys before 2025-12-06',
      'costs?start_time=1764892800&end_time=1764979200&group_by=api_key_id',
      '>= 1764979200',
      'group_by',
    ],
  ])('refuses %s', async (_kind, path, message, param) => {
    const answer = await get(path);

    expect(answer.status).toBe(400);
    expect(await answer.json()).toEqual({
      error: { message: expect.stringContaining(message), type: 'invalid_request_error', param, code: null },
    });
  });

  it('refuses a cursor of its own making', async () => {
    const answer = await get(`costs?${span(1)}&page=AAAA`);

    expect([answer.status, await answer.json()]).toEqual([
      400,
      {
        error: {
          message: 'The page token is invalid, have you modified the query parameters?',
          type: 'invalid_request_error',
          param: null,
          code: 'invalid_request_error',
        },
      },
    ]);
  });

  it.each([
    ['sk-proj-abcdefgh', 403],
    ['sk-svcacct-abcdefgh', 403],
    ['sk-ant-admin01-x', 401],
    ['', 401],
  ])('answers the key %j with HTTP %d', async (key, status) => {
    expect((await get(`costs?${span(1)}`, key)).status).toBe(status);
  });

  it('adds up to its truth, in every grouping', async () => {
    const { amount, rows, days } = await truth<{
      amount: string;
      rows: number;
      days: { amount: string; rows: number }[];
    }>('costs?start_date=2026-11-01&end_date=2026-11-08');

    const grouped = await page(`costs?${span(7)}&${ALL_DIMENSIONS}`);
    const ungrouped = await page(`costs?${span(7)}`);

    expect(grouped.data.map(({ results }) => results.length)).toEqual(days.map((day) => day.rows));
    expect(rows).toBe(days.reduce((sum, day) => sum + day.rows, 0));
    expect(await exactSum(`costs?${span(7)}&${ALL_DIMENSIONS}`)).toBe(amount);
    expect(await exactSum(`costs?${span(7)}`)).toBe(amount);
    expect(ungrouped.data.every(({ results }) => results.length === 1)).toBe(true);
  });

  it('sums rounded rows when asked for the scale of a column', async () => {
    const { amount } = await truth<{ amount: string }>(
      'costs?start_date=2026-11-01&end_date=2026-11-08&scale=18',
    );

    expect(amount).toMatch(/^\d+\.\d{1,18}$/);
  });

  it('has quieter weekends', async () => {
    const { days } = await truth<{ days: { date: string; amount: string }[] }>(
      'costs?start_date=2026-11-01&end_date=2026-11-08',
    );
    const [sunday, ...week] = days.map(({ amount }) => Number(amount));

    expect(sunday).toBeLessThan(Math.min(...week.slice(0, 5)) / 2);
  });

  it('counts completions as its truth says, and splits input tokens since 2026', async () => {
    const dimensions = ['project_id', 'user_id', 'api_key_id', 'model', 'batch', 'service_tier'];
    const grouping = dimensions.map((name) => `group_by[]=${name}`).join('&');
    const { input_tokens, rows } = await truth<{ input_tokens: number; rows: number }>(
      'usage/completions?start_date=2026-11-01&end_date=2026-11-03',
    );

    const { data } = await page(`usage/completions?${span(2)}&${grouping}`);
    const old = await page('usage/completions?start_time=1764892800&end_time=1764979200');

    const results = data.flatMap((bucket) => bucket.results);
    expect(results).toHaveLength(rows);
    expect(results.reduce((sum, result) => sum + Number(result.input_tokens), 0)).toBe(input_tokens);
    expect(results[0]).toHaveProperty('input_uncached_tokens');
    expect(old.data[0]!.results[0]).not.toHaveProperty('input_uncached_tokens');
  });

  it('names projects, archived ones when asked, users and keys', async () => {
    const list = async (path: string) =>
      (await (await get(path)).json()) as {
        data: { id: string; name: string }[];
        has_more: boolean;
        last_id: string;
      };

    const first = await list('projects?limit=4&include_archived=true');
    const rest = await list(`projects?limit=4&include_archived=true&after=${first.last_id}`);

    expect(first.has_more).toBe(true);
    expect(rest.data.map(({ name }) => name)).toEqual(['Old Chatbot']);
    expect((await list('projects')).data).toHaveLength(4);
    expect((await list('users')).data.map(({ name }) => name)).toEqual(['Ada', 'Grace', 'Katherine']);
    expect((await list(`projects/${first.data[0]!.id}/api_keys`)).data.map(({ name }) => name)).toEqual([
      'production',
      'staging',
    ]);
    expect((await get('projects/proj_unknown/api_keys')).status).toBe(404);
  });

  it.each([
    ['completions', 'organization.usage.completions.result'],
    ['embeddings', 'organization.usage.embeddings.result'],
    ['moderations', 'organization.usage.moderations.result'],
    ['images', 'organization.usage.images.result'],
    ['audio_speeches', 'organization.usage.audio_speeches.result'],
    ['audio_transcriptions', 'organization.usage.audio_transcriptions.result'],
    ['vector_stores', 'organization.usage.vector_stores.result'],
    ['code_interpreter_sessions', 'organization.usage.code_interpreter_sessions.result'],
    ['file_search_calls', 'organization.usage.file_searches.result'],
    ['web_search_calls', 'organization.usage.web_searches.result'],
  ])('serves usage of %s whose hours add up to days, and both to the truth', async (kind, object) => {
    const { rows, start_date, end_date, days, ...counts } = await truth<Record<string, unknown>>(
      `usage/${kind}?start_date=2026-11-01&end_date=2026-11-03`,
    );

    const daily = await page(`usage/${kind}?${span(2)}`);
    const hourly = await page(`usage/${kind}?${span(2)}&bucket_width=1h&limit=48`);

    expect([start_date, end_date, days]).toEqual(['2026-11-01', '2026-11-03', expect.any(Array)]);
    expect(Number(rows)).toBeGreaterThan(0);
    expect(daily.data[0]!.results[0]!.object).toBe(object);
    expect([daily.data.length, hourly.data.length]).toEqual([2, 48]);
    for (const { data } of [daily, hourly]) {
      for (const [name, total] of Object.entries(counts)) {
        const results = data.flatMap((bucket) => bucket.results);
        expect([name, results.reduce((sum, result) => sum + Number(result[name]), 0)]).toEqual([name, total]);
      }
    }
  });

  it('counts usage by the minute, 60 of them on a page unless more are asked for, and 1440 at most', async () => {
    const minutes = `usage/completions?${span(1)}&bucket_width=1m`;
    const { input_tokens } = await truth<{ input_tokens: number }>(
      'usage/completions?start_date=2026-11-01&end_date=2026-11-02',
    );

    const { data } = await page(`${minutes}&limit=1440`);

    const results = data.flatMap((bucket) => bucket.results);
    expect([data.length, (await page(minutes)).data.length]).toEqual([1_440, 60]);
    expect(results.reduce((sum, result) => sum + Number(result.input_tokens), 0)).toBe(input_tokens);
    expect((await get(`${minutes}&limit=1441`)).status).toBe(400);
  });

  it('has costs on each of the last 90 days', async () => {
    const day = (ago: number) => new Date(Date.now() - ago * DAY * 1000).toISOString().slice(0, 10);

    const { days } = await truth<{ days: { rows: number }[] }>(
      `costs?start_date=${day(91)}&end_date=${day(0)}`,
    );

    expect(days).toHaveLength(91);
    expect(Math.min(...days.map(({ rows }) => rows))).toBeGreaterThan(25);
  });

  it('lists no deleted key, keys of former members only when asked for any, and their owners', async () => {
    const keysOf = async (project: string, access = ''): Promise<Result[]> => {
      const { data: projects } = (await (await get('projects')).json()) as { data: Result[] };
      const { id } = projects.find(({ name }) => name === project)!;
      const answer = await get(`projects/${String(id)}/api_keys${access}`);
      return ((await answer.json()) as { data: Result[] }).data;
    };

    expect((await keysOf('Research')).map(({ name }) => name)).toEqual(['production']);
    expect((await keysOf('Search')).map(({ name }) => name)).toEqual(['production']);
    const any = await keysOf('Search', '?owner_project_access=any');
    expect(any.map(({ name, owner }) => [name, owner])).toEqual([
      [
        'production',
        { type: 'service_account', service_account: expect.objectContaining({ name: 'Search service' }) },
      ],
      ['staging', { type: 'user', user: expect.objectContaining({ name: 'Grace' }) }],
    ]);
  });

  it('lets a key of the Usage permission alone read costs, and no names', async () => {
    const key = 'sk-admin-usage-only-1';

    expect((await get(`costs?${span(1)}`, key)).status).toBe(200);
    expect((await get('projects', key)).status).toBe(403);
    expect((await get('users', key)).status).toBe(403);
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
    const costs = (date: string) =>
      truth<{ rows: number; amount: string }>(`costs?start_date=${date}&end_date=${dayAfter(date)}`);
    const dayAfter = (date: string) => new Date(Date.parse(date) + DAY * 1000).toISOString().slice(0, 10);

    afterEach(async () => {
      await fetch(`${sandbox.url}/_sandbox/clock`, { method: 'DELETE' });
    });

    it('knows nothing of days to come', async () => {
      await pin('2026-11-01');

      expect((await costs('2026-11-02')).rows).toBe(0);
    });

    it('learns of late rows after two days, of corrections after three, and of others when the month is closed', async () => {
      const known = [];
      for (const today of ['2026-10-15', '2026-10-16', '2026-10-17', '2026-11-02', '2026-11-03']) {
        await pin(today);
        known.push(await costs('2026-10-14'));
      }
      await fetch(`${sandbox.url}/_sandbox/clock`, { method: 'DELETE' });
      const settled = await costs('2026-10-14');

      const [next, late, corrected, before, closed] = known;
      expect(next!.rows).toBeLessThan(late!.rows);
      expect(late!.rows).toBe(settled.rows);
      expect(late!.amount).not.toBe(corrected!.amount);
      expect(corrected).toEqual(before);
      expect(before!.amount).not.toBe(settled.amount);
      expect(closed).toEqual(settled);
    });
  });

  /** The sum of the amounts, taken from the very text of the answer and added as integers. */
  async function exactSum(path: string): Promise<string> {
    const text = await (await get(path)).text();
    const units = [...text.matchAll(/"value":"?(-?)(\d+)(?:\.(\d+))?(?:e-(\d+))?/g)].map(
      ([, sign, whole, fraction = '', exponent = '0']) => {
        const digits = BigInt(`${whole}${fraction.padEnd(25 - Number(exponent), '0')}`);
        return sign === '-' ? -digits : digits;
      },
    );
    const total = units
      .reduce((sum, value) => sum + value, 0n)
      .toString()
      .padStart(26, '0');
    return `${total.slice(0, -25)}.${total.slice(-25)}`.replace(/\.?0+$/, '');
  }
});
