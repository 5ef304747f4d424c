import { inspect } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { ProviderHttpClient } from '../lib/http/provider-http-client.ts';
import { LeftOut } from '../lib/processor/left-out.ts';
import type { ProcessorContext, RowProcessor, TargetReader } from '../lib/processor/processor.ts';
import { isDisclosed } from '../lib/secret/disclosed.decorator.ts';
import { redactSecrets } from '../lib/secret/redact-secrets.ts';
import { Secret } from '../lib/secret/secret.ts';
import { LINEAGE_COLUMNS, type Column, type Row } from '../lib/warehouse/table-schema.ts';
import type { RunWindow } from '../lib/window/run-window.ts';
import { FakeProvider, type FakeReply, type FakeRequest } from './fake-provider.ts';
import { CORRUPTIONS, HOSTILE_BODIES, HUGE_PAGE_BYTES } from './hostile-pages.ts';
import { misfit } from './value-misfit.ts';

/** What the shared suite needs to know of a row processor. */
export interface ProcessorContract<TOptions extends object, TSecret extends object> {
  /** The processor, speaking through `http` to the provider at `url`. */
  create(url: string, http: ProviderHttpClient): RowProcessor<TOptions, TSecret>;
  readonly options: TOptions;
  /** A key in it has no known shape, because only then a spec sees that it is hidden. */
  readonly secret: TSecret;
  readonly window: RunWindow;
  /** The provider's answer when all is well. The data must take two pages at least, with rows on the first. */
  answer(request: FakeRequest): FakeReply;
  /** Whether a request asks for a page of data, as opposed to a token. */
  asksForPage(request: FakeRequest): boolean;
  /** The page as the API would write it if no other followed. */
  asLastPage(body: string): string;
  /**
   * The page with its promise of more but without the cursor. Left out where the absence of a cursor is how the API says
   * that there is no more.
   */
  withoutCursor?(body: string): string;
}

/** A refusal that repeats something of the request. */
type Echo = (echoed: string) => FakeReply;

const inHeader = (echoed: string): string => echoed.replace(/[^\x20-\xff]/g, '');

/** Where a provider may repeat what it was asked. */
const ECHOES: readonly (readonly [string, Echo])[] = [
  ['a message', (echoed) => ({ status: 401, body: JSON.stringify({ error: { message: `Bad ${echoed}` } }) })],
  ['an error text', (echoed) => ({ status: 400, body: JSON.stringify({ error: echoed }) })],
  ['a passing fault', (echoed) => ({ status: 503, body: JSON.stringify({ message: echoed }) })],
  [
    'the id of the request',
    (echoed) => ({ status: 403, headers: { 'x-request-id': inHeader(echoed) }, body: '{}' }),
  ],
  ['an answer that is not JSON', (echoed) => ({ body: echoed || '-' })],
  ['an answer that is cut off', (echoed) => ({ body: `{"data":"${JSON.stringify(echoed).slice(1, -1)}` })],
];

/** A target that nothing was loaded into. */
export const NOTHING_LOADED: TargetReader = {
  engine: 'duckdb',
  describe: () => Promise.resolve(undefined),
  read: () => Promise.reject(new Error('There is nothing to read.')),
};

/**
 * The promises of a row processor, tested once for all of them: legal columns, honest rows, a heeded abort signal,
 * no secret in an error, and no page that ends a run early without an error.
 */
export function describeProcessorContract<TOptions extends object, TSecret extends object>(
  name: string,
  contract: ProcessorContract<TOptions, TSecret>,
): void {
  describe(`${name} keeps the processor contract`, () => {
    let provider: FakeProvider;
    let processor: RowProcessor<TOptions, TSecret>;

    beforeAll(async () => {
      Logger.overrideLogger(false);
      provider = await FakeProvider.start();
    });

    beforeEach(() => {
      provider.requests.length = 0;
      provider.answer = (request) => contract.answer(request);
      processor = contract.create(provider.url, new ProviderHttpClient({ baseDelayMs: 1, maxAttempts: 2 }));
    });

    afterAll(() => provider.stop());

    const context = (signal = new AbortController().signal): ProcessorContext<TOptions, TSecret> => ({
      runId: '0199c0de-0000-7000-8000-000000000001',
      org: 'acme',
      window: contract.window,
      options: contract.options,
      secret: new Secret(contract.secret),
      credentialName: 'default',
      leftOut: new LeftOut('0199c0de-0000-7000-8000-000000000001'),
      signal,
    });
    const extract = async (signal?: AbortSignal): Promise<Row[]> => {
      const rows: Row[] = [];
      for await (const batch of processor.extract(context(signal), NOTHING_LOADED)) rows.push(...batch);
      return rows;
    };
    const goodBody = (request: FakeRequest): string =>
      (contract.answer(request) as { readonly body: string }).body;
    const pages = (): number => provider.requests.filter((request) => contract.asksForPage(request)).length;

    it('declares columns that every warehouse accepts', () => {
      const { columns, description } = processor.schemaFor(contract.options);
      const names = columns.map((column) => column.name);

      expect(description).not.toBe('');
      expect(new Set([...names, ...LINEAGE_COLUMNS.map((column) => column.name)]).size).toBe(
        names.length + LINEAGE_COLUMNS.length,
      );
      for (const column of columns) {
        expect(column.name).toMatch(/^[a-z][a-z0-9_]{0,62}$/);
        expect(column.description).not.toBe('');
      }
    });

    it('declares a required DATE as window column and exact money with its currency', () => {
      const { columns, windowColumn, money = [] } = processor.schemaFor(contract.options);
      const column = (wanted: string): Column | undefined => columns.find(({ name }) => name === wanted);

      if (windowColumn) expect(column(windowColumn)).toMatchObject({ type: 'DATE', mode: 'REQUIRED' });
      for (const { amount, currency } of money) {
        expect(column(amount)?.type).toMatch(/NUMERIC$/);
        expect(column(currency)?.type).toBe('STRING');
      }
    });

    it('declares a natural key, of dimensions and not of amounts, that no two rows share', async () => {
      const { columns, naturalKey = [], money = [] } = processor.schemaFor(contract.options);

      expect(naturalKey).not.toEqual([]);
      expect(columns.map(({ name }) => name)).toEqual(expect.arrayContaining([...naturalKey]));
      for (const { amount } of money) expect(naturalKey).not.toContain(amount);
      const keys = (await extract()).map((row) =>
        JSON.stringify(naturalKey.map((name) => row[name] ?? null)),
      );
      expect(new Set(keys).size).toBe(keys.length);
    });

    it('yields rows that fit the declared columns', async () => {
      const { columns } = processor.schemaFor(contract.options);
      const byName = new Map(columns.map((column) => [column.name, column]));

      const rows = await extract();

      expect(rows.length).toBeGreaterThan(1);
      for (const row of rows) {
        expect([...byName.keys()]).toEqual(expect.arrayContaining(Object.keys(row)));
        for (const column of columns) expect(misfit(column, row[column.name] ?? null)).toBeUndefined();
      }
    });

    it('yields rows of the window alone', async () => {
      const { windowColumn } = processor.schemaFor(contract.options);
      if (!windowColumn) return;

      const days = (await extract()).map((row) => row[windowColumn] as string);

      expect(days.filter((day) => day < contract.window.start || day >= contract.window.end)).toEqual([]);
    });

    it('yields the same rows when run again', async () => {
      expect(await extract()).toEqual(await extract());
    });

    it('asks for nothing once aborted, and ends with the reason', async () => {
      const abort = new AbortController();
      const batches = processor.extract(context(abort.signal), NOTHING_LOADED)[Symbol.asyncIterator]();
      await batches.next();
      const before = pages();

      abort.abort(new Error('lease lost'));
      const rest = async (): Promise<void> => {
        while (!(await batches.next()).done);
      };

      await expect(rest()).rejects.toThrow('lease lost');
      expect(pages()).toBe(before);
    });

    describe.each(HOSTILE_BODIES)('given %s', (_kind, body) => {
      it.each([
        ['first', 1],
        ['second', 2],
      ])('fails when it is the %s page', async (_which, hostile) => {
        provider.answer = (request) =>
          contract.asksForPage(request) && pages() === hostile ? { body } : contract.answer(request);

        await expect(extract()).rejects.toMatchObject({
          name: 'PipelineError',
          code: 'provider_response_invalid',
        });
        expect(pages()).toBe(hostile);
      });
    });

    describe.each(CORRUPTIONS)('given %s', (_kind, corrupt) => {
      it.each([
        ['first', 1],
        ['second', 2],
      ])('fails when it is the %s page', async (_which, hostile) => {
        provider.answer = (request) =>
          contract.asksForPage(request) && pages() === hostile
            ? { body: corrupt(goodBody(request)) }
            : contract.answer(request);

        await expect(extract()).rejects.toMatchObject({
          code: 'provider_response_invalid',
          message: expect.stringContaining('not JSON'),
        });
      });
    });

    it('fails when a page and its cursor come again and again', async () => {
      let first: FakeReply | undefined;
      provider.answer = (request) =>
        contract.asksForPage(request) ? (first ??= contract.answer(request)) : contract.answer(request);

      await expect(extract()).rejects.toMatchObject({ code: 'provider_response_invalid' });
    });

    it('fails when a page comes again in place of the next', async () => {
      let first = '';
      provider.answer = (request) => {
        if (!contract.asksForPage(request) || pages() > 2) return contract.answer(request);
        if (pages() === 1) first = goodBody(request);
        return { body: pages() === 1 ? first : contract.asLastPage(first) };
      };

      await expect(extract()).rejects.toMatchObject({ code: 'provider_response_invalid' });
    });

    if (contract.withoutCursor) {
      it('fails when more is promised but no cursor given', async () => {
        provider.answer = (request) =>
          contract.asksForPage(request) && pages() === 1
            ? { body: contract.withoutCursor!(goodBody(request)) }
            : contract.answer(request);

        await expect(extract()).rejects.toMatchObject({ code: 'provider_response_invalid' });
        expect(pages()).toBe(1);
      });
    }

    it('reads no more of a page of 200 MB than the cap, and says what to do', async () => {
      let sentBytes = 0;
      function* huge(): Generator<string> {
        for (const piece = ' '.repeat(1_000_000); sentBytes < HUGE_PAGE_BYTES; sentBytes += piece.length)
          yield piece;
      }
      provider.answer = (request) =>
        contract.asksForPage(request) ? { body: huge() } : contract.answer(request);

      await expect(extract()).rejects.toMatchObject({
        code: 'provider_response_too_large',
        transient: false,
        message: expect.stringMatching(/more than 32 MiB .*smaller pages/),
      });
      expect(sentBytes).toBeLessThan(HUGE_PAGE_BYTES / 2);
    });

    it('takes nothing from a __proto__ key', async () => {
      const undisturbed = await extract();
      provider.answer = (request) =>
        contract.asksForPage(request)
          ? {
              body: goodBody(request).replace(
                /\{(?=\s*")/g,
                '{"__proto__":{"polluted":true,"has_more":false},',
              ),
            }
          : contract.answer(request);

      expect(await extract()).toEqual(undisturbed);
      expect({}).not.toHaveProperty('polluted');
    });

    it('keeps an escaped NUL in a text, or fails; it neither loses nor changes a row', async () => {
      const undisturbed = await extract();
      const firstPage = goodBody(provider.requests.find((request) => contract.asksForPage(request))!);
      const texts = [...firstPage.matchAll(/(?<=:\s*")[^"\\]+(?=")/g)];
      expect(texts.length).toBeGreaterThan(0);
      for (const { index, 0: text } of texts) {
        provider.answer = (request) => {
          if (!contract.asksForPage(request) || pages() > 1) return contract.answer(request);
          const body = goodBody(request);
          return { body: `${body.slice(0, index + text.length)}\\u0000${body.slice(index + text.length)}` };
        };
        provider.requests.length = 0;

        const outcome = await extract().catch((error: unknown) => error);

        if (Array.isArray(outcome)) expect(withoutNul(outcome as Row[])).toEqual(withoutNul(undisturbed));
        else expect(outcome).toMatchObject({ name: 'PipelineError' });
      }
    });

    it('fails when the last page never comes', async () => {
      provider.answer = (request) =>
        contract.asksForPage(request) && pages() > 1 ? { status: 500, body: '{}' } : contract.answer(request);

      await expect(extract()).rejects.toMatchObject({ code: 'provider_unavailable', transient: true });
      expect(pages()).toBe(3);
    });

    it('goes on after a rate limit', async () => {
      const undisturbed = await extract();
      let limited = false;
      provider.answer = (request) => {
        if (limited || !contract.asksForPage(request)) return contract.answer(request);
        limited = true;
        return { status: 429, headers: { 'retry-after': '0' }, body: '{}' };
      };

      expect(await extract()).toEqual(undisturbed);
    });

    describe('when the provider repeats what it was asked', () => {
      const echoes = (request: FakeRequest): string[] => [
        ...Object.values(request.headers).map(String),
        request.url,
        decodeURIComponent(request.url),
        request.body,
      ];
      /** What went wrong with each thing that was repeated, as it may be shown or logged. */
      const failures = async (asks: (request: FakeRequest) => boolean, reply: Echo): Promise<string[]> => {
        const shown: string[] = [];
        let count = 1;
        for (let index = 0; index < count; index++) {
          // The token of the request before must not be used, for it is the request for one that may be looked at.
          processor = contract.create(
            provider.url,
            new ProviderHttpClient({ baseDelayMs: 1, maxAttempts: 2 }),
          );
          provider.answer = (request) => {
            if (!asks(request)) return contract.answer(request);
            const echoed = echoes(request);
            count = echoed.length;
            return reply(echoed[index]!);
          };
          const error = await extract().catch((thrown: unknown) => thrown);
          expect(error).toMatchObject({ name: 'PipelineError' });
          shown.push(inspect(error, { depth: 9, showHidden: true }), ...logged);
        }
        return shown;
      };
      let logged: string[];

      beforeEach(() => {
        logged = [];
        for (const level of ['log', 'warn', 'error'] as const) {
          jest
            .spyOn(Logger.prototype, level)
            .mockImplementation((...said: unknown[]) => void logged.push(inspect(said, { depth: 9 })));
        }
      });

      afterEach(() => {
        jest.restoreAllMocks();
      });

      it.each(ECHOES)('shows nothing of the secret in %s', async (_where, reply) => {
        const shown = [
          ...(await failures((request) => contract.asksForPage(request), reply)),
          ...(await failures(() => true, reply)),
        ].join();
        const sent = provider.requests.flatMap(credentialHeaders);

        // What has a known shape is found anyway, and would prove nothing.
        for (const text of sent) expect(redactSecrets(text)).toBe(text);
        for (const text of [...secretTexts(contract.secret), ...sent]) {
          expect(shown).not.toContain(text);
          expect(shown).not.toContain(encodeURIComponent(text));
        }
      });

      it('blames the credential for HTTP 401', async () => {
        provider.answer = (request) =>
          contract.asksForPage(request) ? { status: 401, body: '{}' } : contract.answer(request);

        await expect(extract()).rejects.toMatchObject({ code: 'credential_rejected' });
      });
    });
  });
}

function withoutNul(rows: readonly Row[]): unknown {
  return JSON.parse(
    JSON.stringify(rows, (_key, value: unknown) =>
      typeof value === 'bigint'
        ? String(value)
        : typeof value === 'string'
          ? value.replaceAll('\0', '')
          : value,
    ),
  );
}

/** The texts of a secret that are long enough to be one. */
function secretTexts(secret: object): string[] {
  return Object.entries(secret).flatMap(([field, value]: [string, unknown]) =>
    typeof value === 'string' && value.length >= 16 && !isDisclosed(secret, field) ? [value] : [],
  );
}

/** Headers that every client sends, or that say nothing about who asks. */
const ORDINARY_HEADERS =
  /^(accept.*|connection|content-.*|host|sec-.*|transfer-encoding|user-agent|.*-version)$/;

/** The values of the headers that may carry a credential, without a scheme such as `Bearer`. */
function credentialHeaders({ headers }: FakeRequest): string[] {
  return Object.entries(headers).flatMap(([name, value]) =>
    ORDINARY_HEADERS.test(name) ? [] : [String(value).replace(/^[A-Z]\w+ /, '')],
  );
}
