import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { startProviderSandbox, type ProviderSandbox } from '../index.ts';

describe('provider sandbox: faults and the request log', () => {
  const path = '/openai/v1/organization/costs';
  const query = '?start_time=1793491200&end_time=1793750400&limit=1';
  let sandbox: ProviderSandbox;

  const ask = (signal?: AbortSignal): Promise<Response> =>
    fetch(`${sandbox.url}${path}${query}`, {
      headers: { authorization: `Bearer ${sandbox.credentials.openai.api_key}` },
      signal,
    });
  const arm = async (fault: object): Promise<number> => {
    const body = JSON.stringify({ path, ...fault });
    const headers = { 'content-type': 'application/json' };
    return (await fetch(`${sandbox.url}/_sandbox/faults`, { method: 'POST', headers, body })).status;
  };

  beforeAll(async () => {
    sandbox = await startProviderSandbox();
  });

  afterEach(async () => {
    await fetch(`${sandbox.url}/_sandbox/faults`, { method: 'DELETE' });
  });

  afterAll(() => sandbox.close());

  it('answers with a status and Retry-After, as often as asked, after as many requests as asked', async () => {
    await arm({ kind: 'status', status: 429, retry_after: 7, after_requests: 1, times: 2 });

    const answers = [await ask(), await ask(), await ask(), await ask()];

    expect(answers.map(({ status }) => status)).toEqual([200, 429, 429, 200]);
    expect(answers[1]!.headers.get('retry-after')).toBe('7');
  });

  it('answers with a Retry-After of 0, and with the end of a limit in the header of each provider', async () => {
    await arm({ kind: 'status', status: 429, retry_after: 0 });
    await arm({ kind: 'status', status: 429, reset_after: 42 });
    const anthropic = '/anthropic/v1/organizations/cost_report';
    await arm({ path: anthropic, kind: 'status', status: 429, reset_after: 42 });
    await arm({ path: anthropic, kind: 'status', status: 429, reset_after: -60 });

    const [atOnce, later] = [await ask(), await ask()];
    const limited = [await fetch(sandbox.url + anthropic), await fetch(sandbox.url + anthropic)];

    expect(atOnce.headers.get('retry-after')).toBe('0');
    expect(later.headers.get('retry-after')).toBeNull();
    expect(later.headers.get('x-ratelimit-reset-requests')).toBe('42s');
    const leftMs = limited.map(
      ({ headers }) => Date.parse(headers.get('anthropic-ratelimit-requests-reset')!) - Date.now(),
    );
    expect(limited.map(({ status, headers }) => [status, headers.get('retry-after')])).toEqual([
      [429, null],
      [429, null],
    ]);
    expect(leftMs[0]).toBeGreaterThan(30_000);
    expect(leftMs[0]).toBeLessThanOrEqual(42_000);
    expect(leftMs[1]).toBeLessThan(-50_000);
  });

  it('befalls requests with a text in their query only', async () => {
    await arm({ kind: 'status', status: 400, query: 'group_by=api_key_id', times: 9 });
    const grouped = await fetch(`${sandbox.url}${path}${query}&group_by=api_key_id`);

    expect([(await ask()).status, grouped.status]).toEqual([200, 400]);
  });

  it('cuts a body in half under HTTP 200', async () => {
    const whole = await (await ask()).text();
    await arm({ kind: 'truncate' });

    const half = await (await ask()).text();

    expect(whole.startsWith(half)).toBe(true);
    expect(half.length).toBe(Math.ceil(whole.length / 2));
  });

  it('answers HTML under HTTP 200', async () => {
    await arm({ kind: 'html' });

    const answer = await ask();

    expect(answer.status).toBe(200);
    expect(await answer.text()).toContain('<html>');
  });

  it('hangs', async () => {
    await arm({ kind: 'hang' });

    await expect(ask(AbortSignal.timeout(300))).rejects.toMatchObject({ name: 'TimeoutError' });
  });

  it('breaks the connection', async () => {
    await arm({ kind: 'reset' });

    await expect(ask()).rejects.toThrow('fetch failed');
  });

  it('promises more than there is, with a cursor that it then refuses', async () => {
    await arm({ kind: 'refused_cursor', after_requests: 2 });
    const pageOf = async (cursor?: string) => {
      const answer = await fetch(`${sandbox.url}${path}${query}${cursor ? `&page=${cursor}` : ''}`, {
        headers: { authorization: `Bearer ${sandbox.credentials.openai.api_key}` },
      });
      const body = (await answer.json()) as { has_more?: boolean; next_page?: string };
      return { status: answer.status, ...body };
    };

    const first = await pageOf();
    const second = await pageOf(first.next_page);
    const last = await pageOf(second.next_page);

    expect([first.has_more, second.has_more, last.has_more]).toEqual([true, true, true]);
    expect((await pageOf(last.next_page)).status).toBe(400);
  });

  it('gives the same cursor again, or none', async () => {
    await arm({ kind: 'repeat_cursor', times: 2 });
    const cursors = [await ask(), await ask()].map(
      async (answer) => (await answer.json()) as { next_page: string },
    );
    const [first, second] = await Promise.all(cursors);
    expect(second!.next_page).toBe(first!.next_page);

    await arm({ kind: 'missing_cursor' });
    expect(await (await ask()).json()).toMatchObject({ has_more: true, next_page: null });
  });

  it('forgets its faults when told to', async () => {
    await arm({ kind: 'status', times: 100 });

    await fetch(`${sandbox.url}/_sandbox/faults`, { method: 'DELETE' });

    expect((await ask()).status).toBe(200);
  });

  it('refuses a fault that it does not know', async () => {
    expect(await arm({ kind: 'explode' })).toBe(400);
  });

  it('logs what it was asked, without the key', async () => {
    await ask();

    const log = await (await fetch(`${sandbox.url}/_sandbox/requests`)).text();

    const { requests } = JSON.parse(log) as { requests: object[] };
    expect(requests.at(-1)).toEqual({ method: 'GET', path, query: query.slice(1), status: 200 });
    expect(log).not.toContain('sk-admin');
  });
});
