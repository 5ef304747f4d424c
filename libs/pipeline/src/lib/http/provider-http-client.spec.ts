import { Logger } from '@nestjs/common';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { ProviderAccess } from '../processor/processor.ts';
import { Secret } from '../secret/secret.ts';
import { LeapingClock } from '../../testing/leaping-clock.ts';
import { limitedPerMinute } from '../../testing/limited-per-minute.ts';
import { FakeProvider, type FakeReply } from '../../testing/fake-provider.ts';
import { ProviderHttpClient, type ProviderHttpOptions } from './provider-http-client.ts';

/** Of a credential of its own for every key. */
function accessOf(key: string, signal = new AbortController().signal): ProviderAccess {
  return { org: 'acme_corp', credentialName: key, secret: new Secret({ key }), signal };
}

describe('ProviderHttpClient', () => {
  let provider: FakeProvider;
  let warnings: string[];

  const ok = { body: '{"ok":true}' };
  const request = (options: Partial<ProviderHttpOptions> = {}, signal?: AbortSignal) =>
    new ProviderHttpClient({ baseDelayMs: 1, maxAttempts: 3, ...options }).requestJson({
      provider: 'acme',
      url: new URL('/costs?page=2', provider.url),
      headers: { authorization: 'Bearer sk-admin-hidden' },
      access: accessOf('sk-admin-hidden', signal),
    });

  beforeAll(async () => {
    provider = await FakeProvider.start();
  });

  beforeEach(() => {
    provider.requests.length = 0;
    warnings = [];
    jest.spyOn(Logger.prototype, 'warn').mockImplementation((message) => void warnings.push(String(message)));
  });

  afterEach(() => {
    jest.restoreAllMocks();
  });

  afterAll(() => provider.stop());

  it('answers with exact numbers', async () => {
    provider.answerInTurn({ body: '{"value":0.1000000000000000000000001,"count":7}' });

    expect(await request()).toEqual({ value: '0.1000000000000000000000001', count: 7 });
    expect(provider.requests[0]).toMatchObject({
      method: 'GET',
      path: '/costs',
      headers: { accept: 'application/json', authorization: 'Bearer sk-admin-hidden' },
    });
  });

  it.each([[408], [409], [429], [500], [502], [503], [504]])('tries again after HTTP %d', async (status) => {
    provider.answerInTurn({ status, body: '{}' }, { status, body: '<html>' }, ok);

    expect(await request()).toEqual({ ok: true });
    expect(provider.requests).toHaveLength(3);
  });

  it('tries again after a broken connection', async () => {
    provider.answerInTurn('reset', ok);

    expect(await request()).toEqual({ ok: true });
  });

  it('gives up after the last attempt with the code of the last failure', async () => {
    provider.answerInTurn({ status: 503, body: '{}' }, { status: 500, body: '{}' });

    await expect(request({ maxAttempts: 2 })).rejects.toMatchObject({
      code: 'provider_unavailable',
      transient: true,
      facts: { provider: 'acme', provider_status: 500 },
    });
    expect(provider.requests).toHaveLength(2);
  });

  it.each([
    [400, 'provider_rejected_request'],
    [401, 'credential_rejected'],
    [403, 'credential_rejected'],
    [404, 'provider_rejected_request'],
  ])('does not try again after HTTP %d: %s', async (status, code) => {
    provider.answerInTurn({ status, body: '{}' }, ok);

    await expect(request()).rejects.toMatchObject({ code, transient: false });
    expect(provider.requests).toHaveLength(1);
  });

  it("repeats the provider's words without the key they contain", async () => {
    const body = '{"error":{"message":"Incorrect API key provided: sk-admin-hidden."}}';
    provider.answerInTurn({ status: 401, headers: { 'x-request-id': 'req_7' }, body });

    await expect(request()).rejects.toMatchObject({
      message:
        'acme refused the stored credential (HTTP 401). Store a valid one and run again. It said: Incorrect API key provided: [redacted].',
      operatorDetail: `GET ${provider.url}/costs → 401, request id req_7`,
    });
  });

  it('hides the key of the request even when it has no known shape', async () => {
    provider.answerInTurn({ status: 401, body: '{"message":"unknown key local-7"}' });

    const asked = new ProviderHttpClient().requestJson({
      provider: 'acme',
      url: new URL(provider.url),
      headers: { authorization: 'Bearer local-7' },
      access: accessOf('local-7'),
    });

    await expect(asked).rejects.toThrow('It said: unknown key [redacted]');
  });

  it('does not follow a redirect, which could carry the credential to another host', async () => {
    provider.answerInTurn({ status: 302, headers: { location: `${provider.url}/elsewhere` }, body: '' }, ok);

    await expect(request()).rejects.toMatchObject({ code: 'provider_rejected_request' });
    expect(provider.requests).toHaveLength(1);
  });

  it('waits as long as Retry-After says', async () => {
    provider.answerInTurn({ status: 429, headers: { 'retry-after-ms': '60' }, body: '{}' }, ok);
    const started = performance.now();

    await request();

    expect(performance.now() - started).toBeGreaterThanOrEqual(59);
    expect(warnings[0]).toBe(`GET ${provider.url}/costs: provider_rate_limited, next try in 60 ms`);
  });

  it('holds off every request with a credential when the provider limits one of them', async () => {
    const client = new ProviderHttpClient({ baseDelayMs: 1 });
    const ask = (key: string): Promise<unknown> =>
      client.requestJson({
        provider: 'acme',
        url: new URL(provider.url),
        headers: { 'x-acme-token': key },
        access: accessOf(key),
      });
    let limitedAt = Infinity;
    let others: Promise<unknown>[] = [];
    const gaps: number[] = [];
    provider.answer = () => {
      if (limitedAt === Infinity) {
        limitedAt = performance.now();
        return { status: 429, headers: { 'retry-after-ms': '500' }, body: '{}' };
      }
      gaps.push(performance.now() - limitedAt);
      return ok;
    };
    jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => {
      others = [ask('limited'), ask('limited'), ask('another')];
    });

    await ask('limited');
    await Promise.all(others);

    const keys = provider.requests.map(({ headers }) => headers['x-acme-token']);
    expect(keys).toEqual(['limited', 'another', 'limited', 'limited', 'limited']);
    expect(Math.min(...gaps.slice(1))).toBeGreaterThanOrEqual(499);
  });

  it('sends no more with a credential than its rate, beside a burst', async () => {
    const client = new ProviderHttpClient({ requestsPerSecond: () => 20 });
    const started = performance.now();
    provider.answer = () => ok;

    await Promise.all(
      Array.from({ length: 13 }, () =>
        client.requestJson({
          provider: 'acme',
          url: new URL(provider.url),
          access: accessOf('sk-admin-hidden'),
        }),
      ),
    );

    // Ten at once, and three at intervals of 50 ms.
    expect(performance.now() - started).toBeGreaterThanOrEqual(148);
  });

  it('gives up at once when Retry-After is longer than a worker may wait', async () => {
    provider.answerInTurn({ status: 429, headers: { 'retry-after': '121' }, body: '{}' }, ok);

    await expect(request()).rejects.toMatchObject({ code: 'provider_rate_limited', retryAfterMs: 121_000 });
    expect(provider.requests).toHaveLength(1);
  });

  describe('while the provider limits requests', () => {
    const limitedBy = (headers: Record<string, string>): FakeReply => ({
      status: 429,
      headers,
      body: '{"type":"error","error":{"type":"rate_limit_error","message":"Rate limited"}}',
    });
    const PATIENT = { baseDelayMs: 500, maxAttempts: 6 };

    it.each<[string, (reset: Date) => Record<string, string>]>([
      [
        'in the header of Anthropic',
        (reset) => ({
          'anthropic-ratelimit-requests-remaining': '0',
          'anthropic-ratelimit-requests-reset': reset.toISOString(),
        }),
      ],
      ['in the past', () => ({ 'anthropic-ratelimit-requests-reset': '2026-11-30T00:00:00Z' })],
      ['in no header', () => ({})],
      ['at once', () => ({ 'retry-after': '0' })],
    ])(
      'gets 13 pages of a provider that answers 5 a minute and names the end %s',
      async (_where, headers) => {
        const clock = new LeapingClock();
        const client = new ProviderHttpClient({ clock });
        const started = clock.now();
        provider.answer = limitedPerMinute(
          clock,
          5,
          () => ok,
          (reset) => limitedBy(headers(reset)),
        );

        for (let page = 1; page <= 13; page++) {
          const url = new URL(`/costs?page=${page}`, provider.url);
          expect(await client.requestJson({ provider: 'acme', url, access: accessOf('k') })).toEqual({
            ok: true,
          });
        }

        expect(clock.now() - started).toBeLessThan(4 * 60_000);
      },
    );

    it.each([
      ['Retry-After: 0', { 'retry-after': '0' }],
      ['a Retry-After in the past', { 'retry-after': 'Tue, 01 Dec 2026 00:00:00 GMT' }],
    ])('asks a handful of times when it says %s for three seconds', async (_what, headers) => {
      const clock = new LeapingClock();
      const end = clock.now() + 3_000;
      provider.answer = () => (clock.now() < end ? limitedBy(headers) : ok);

      expect(await request({ ...PATIENT, clock })).toEqual({ ok: true });

      expect(clock.now() - end).toBeLessThan(4_000);
      expect(provider.requests.length).toBeLessThanOrEqual(6);
    });

    it('counts no limit as a fault', async () => {
      const limited = limitedBy({});
      const fault = { status: 503, body: '{}' };
      provider.answerInTurn(limited, fault, limited, limited, limited, fault, limited, ok);

      expect(await request({ maxAttempts: 3 })).toEqual({ ok: true });
    });

    it('gives up when no request is answered for three minutes', async () => {
      const clock = new LeapingClock();
      const started = clock.now();
      provider.answer = () => limitedBy({ 'retry-after': '0' });

      await expect(request({ ...PATIENT, clock })).rejects.toMatchObject({
        code: 'provider_rate_limited',
        transient: true,
        retryAfterMs: undefined,
        facts: { provider: 'acme', provider_status: 429 },
      });
      expect(clock.now() - started).toBeGreaterThan(150_000);
      expect(clock.now() - started).toBeLessThanOrEqual(180_000);
    });

    it('goes on for as long as the credential gets answers to other requests', async () => {
      const clock = new LeapingClock();
      const client = new ProviderHttpClient({ clock });
      const started = clock.now();
      const send = (path: string): Promise<unknown> =>
        client.requestJson({ provider: 'acme', url: new URL(path, provider.url), access: accessOf('k') });
      provider.answer = ({ path }) =>
        path === '/others' || clock.now() - started > 600_000 ? ok : limitedBy({ 'retry-after': '50' });
      let done = false;
      const starved = send('/starved').finally(() => (done = true));

      while (!done) await send('/others');

      expect(await starved).toEqual({ ok: true });
    });

    it('has no other request fail for the long limit of an optional one', async () => {
      const clock = new LeapingClock();
      const client = new ProviderHttpClient({ clock });
      const send = (path: string, optional: boolean): Promise<unknown> => {
        const access = { ...accessOf('k'), optional };
        return client.requestJson({ provider: 'acme', url: new URL(path, provider.url), access });
      };
      provider.answer = ({ path }) => (path === '/names' ? limitedBy({ 'retry-after': '600' }) : ok);

      await expect(send('/names', true)).rejects.toMatchObject({ code: 'provider_rate_limited' });
      expect(await send('/costs', false)).toEqual({ ok: true });

      await expect(send('/names', false)).rejects.toMatchObject({ code: 'provider_rate_limited' });
      await expect(send('/costs', false)).rejects.toMatchObject({ code: 'provider_rate_limited' });
    });

    it('waits longer than the provider asks when its own turn comes later', async () => {
      const clock = new LeapingClock();
      const started = clock.now();
      provider.answerInTurn(limitedBy({ 'retry-after-ms': '1' }), ok);

      await request({ ...PATIENT, baseDelayMs: 8_000, clock });

      expect(clock.now() - started).toBeGreaterThanOrEqual(6_000);
    });

    it('waits after a fault at least as long as it is asked to', async () => {
      const clock = new LeapingClock();
      const started = clock.now();
      provider.answerInTurn({ status: 503, headers: { 'retry-after': '30' }, body: '{}' }, ok);

      await request({ ...PATIENT, clock });

      expect(clock.now() - started).toBeGreaterThanOrEqual(30_000);
    });
  });

  it('times out an answer that does not come, and tries again', async () => {
    provider.answerInTurn('hang', ok);

    expect(await request({ attemptTimeoutMs: 50 })).toEqual({ ok: true });

    provider.answerInTurn('hang');
    await expect(request({ attemptTimeoutMs: 20, maxAttempts: 1 })).rejects.toMatchObject({
      code: 'provider_timed_out',
    });
  });

  it("ends with the signal's reason when aborted during a request", async () => {
    const abort = new AbortController();
    provider.answer = () => {
      abort.abort(new Error('cancelled by a person'));
      return 'hang';
    };

    await expect(request({}, abort.signal)).rejects.toThrow('cancelled by a person');
    expect(provider.requests).toHaveLength(1);
  });

  it("ends with the signal's reason when aborted between two attempts", async () => {
    const abort = new AbortController();
    provider.answerInTurn({ status: 503, headers: { 'retry-after': '60' }, body: '{}' });
    jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => abort.abort(new Error('shutting down')));

    await expect(request({}, abort.signal)).rejects.toThrow('shutting down');
    expect(provider.requests).toHaveLength(1);
  });

  it('stops reading at the size cap', async () => {
    provider.answerInTurn({ body: `"${'x'.repeat(2 * 1024 * 1024)}"` });

    await expect(request({ maxResponseBytes: 1024 * 1024 })).rejects.toMatchObject({
      code: 'provider_response_too_large',
      message: expect.stringContaining('acme answered with more than 1 MiB in one page'),
    });
    expect(provider.requests).toHaveLength(1);
  });

  it.each([
    ['HTML', '<html>Bad gateway</html>'],
    ['truncated JSON', '{"data":['],
    ['an empty body', ''],
  ])('refuses %s under HTTP 200', async (_kind, body) => {
    provider.answerInTurn({ body });

    await expect(request()).rejects.toMatchObject({ code: 'provider_response_invalid' });
  });

  it('treats a body cut off by the connection as unreachable', async () => {
    provider.answerInTurn({ headers: { 'content-length': '100' }, body: '{"ok":' });

    await expect(request({ attemptTimeoutMs: 200, maxAttempts: 1 })).rejects.toMatchObject({
      transient: true,
    });
  });

  it('logs neither the query nor a header', async () => {
    provider.answerInTurn({ status: 500, body: '{}' }, ok);

    await request();

    expect(warnings.join()).not.toMatch(/page=2|sk-admin/);
  });
});
