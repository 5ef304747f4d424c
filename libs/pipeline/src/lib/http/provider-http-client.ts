import { Injectable, Logger, Optional } from '@nestjs/common';
import { PipelineError } from '../errors/pipeline-error.ts';
import { parseExactJson } from '../json/parse-exact-json.ts';
import type { ProviderAccess } from '../processor/processor.ts';
import { redactError } from '../secret/redact-error.ts';
import { askedWaitMs } from './asked-wait.ts';
import { SYSTEM_CLOCK, type Clock } from './clock.ts';
import { CredentialRates, type RatedCredential } from './credential-rates.ts';
import { readCapped } from './read-capped.ts';
import { RequestPatience } from './request-patience.ts';
import { errorOfStatus } from './response-status.ts';

/** One request to a provider. */
export interface ProviderRequest {
  /** Provider name for messages and logs. */
  readonly provider: string;
  readonly method?: 'GET' | 'POST';
  /** Absolute URL. It is logged without its query. */
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /**
   * The credential that the request uses, wherever it carries it. Errors and log lines show nothing of its secret; what is
   * made of the secret has to be concealed in it beforehand.
   */
  readonly access: ProviderAccess;
}

/** Limits of the client; every one has a default. */
export interface ProviderHttpOptions {
  /** Time for one attempt, from connecting to the last byte. Default 60,000. */
  readonly attemptTimeoutMs: number;
  /** Attempts that may fail, the first included; an attempt that was limited does not count. Default 6. */
  readonly maxAttempts: number;
  /** First wait between attempts; doubled each time, at most {@link maxDelayMs}, less up to a quarter. Default 500. */
  readonly baseDelayMs: number;
  /** Longest wait of our own between attempts. Default 20,000. */
  readonly maxDelayMs: number;
  /** A provider that asks for a longer wait ends the request instead of holding a worker. Default 120,000. */
  readonly maxRetryAfterMs: number;
  /**
   * Time for which a request that is limited goes on while the provider answers no other request with its credential
   * either. Default 180,000, since limits are counted by the minute.
   */
  readonly maxLimitedMs: number;
  /**
   * Requests per second that this process sends with one credential. Default 5: no provider says what its reports bear, and
   * a few are plenty. A provider on this machine, as the sandbox is, gets any number.
   */
  readonly requestsPerSecond: (url: URL) => number;
  /** Largest decoded response body; read as JSON it takes several times its size. Default 32 MiB. */
  readonly maxResponseBytes: number;
  /** Default that of the machine. */
  readonly clock: Clock;
}

/** An id is far shorter. */
const MAX_REQUEST_ID_CHARACTERS = 200;
const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/;

const DEFAULTS: ProviderHttpOptions = {
  attemptTimeoutMs: 60_000,
  maxAttempts: 6,
  baseDelayMs: 500,
  maxDelayMs: 20_000,
  maxRetryAfterMs: 120_000,
  maxLimitedMs: 180_000,
  requestsPerSecond: ({ hostname }) => (LOOPBACK.test(hostname) ? Infinity : 5),
  maxResponseBytes: 32 * 1024 * 1024,
  clock: SYSTEM_CLOCK,
};

/**
 * The only way to a provider's API: bounded in time, size and rate, patient with transient failures, deaf to redirects
 * (a redirect could carry the credential to another host), and exact in its numbers.
 */
@Injectable()
export class ProviderHttpClient {
  private readonly logger = new Logger(ProviderHttpClient.name);
  private readonly options: ProviderHttpOptions;
  private readonly rates: CredentialRates;

  constructor(@Optional() options: Partial<ProviderHttpOptions> = {}) {
    this.options = { ...DEFAULTS, ...options };
    this.rates = new CredentialRates(this.options.clock);
  }

  /**
   * Sends the request and reads the answer as JSON with exact numbers ({@link parseExactJson}).
   *
   * Transient failures are retried with jittered exponential backoff, or later where the provider asks for it. Requests
   * with one credential take turns, and all of them wait while the provider limits one.
   * @throws PipelineError with a `provider_*` or `credential_rejected` code; the signal's reason when aborted.
   */
  async requestJson(request: ProviderRequest): Promise<unknown> {
    const { signal, secret, optional = false } = request.access;
    const { clock, maxRetryAfterMs } = this.options;
    const credential = this.credentialOf(request);
    const patience = new RequestPatience(this.options);
    for (;;) {
      try {
        await this.rates.turn(credential, maxRetryAfterMs, signal);
        const answer = await this.attempt(request);
        this.rates.answered(credential);
        return answer;
      } catch (thrown) {
        signal.throwIfAborted();
        const error = redactError(thrown, (text) => secret.redact(text));
        if (!(error instanceof PipelineError)) throw error;
        const { waitMs, again } = patience.after(error, clock.now(), this.rates.answeredAt(credential));
        const limited = error.code === 'provider_rate_limited';
        // The next turn comes after it. What a run can do without must not have what it needs given up.
        if (limited) this.rates.holdOff(credential, optional ? Math.min(waitMs, maxRetryAfterMs) : waitMs);
        if (!again) throw error;
        this.logger.warn(`${describe(request)}: ${error.code}, next try in ${waitMs} ms`);
        if (!limited) await clock.wait(waitMs, signal).catch(() => signal.throwIfAborted());
      }
    }
  }

  private credentialOf({ provider, url, access: { org, credentialName } }: ProviderRequest): RatedCredential {
    return { org, provider, credentialName, perSecond: this.options.requestsPerSecond(url) };
  }

  private async attempt(request: ProviderRequest): Promise<unknown> {
    const timeout = AbortSignal.timeout(this.options.attemptTimeoutMs);
    let response: Response;
    let body: Buffer;
    try {
      response = await fetch(request.url, {
        method: request.method ?? 'GET',
        headers: { accept: 'application/json', 'user-agent': 'pipelines/0.1', ...request.headers },
        body: request.body,
        redirect: 'manual',
        signal: AbortSignal.any([request.access.signal, timeout]),
      });
      body = await readCapped(response, this.options.maxResponseBytes, request.provider);
    } catch (error) {
      if (error instanceof PipelineError) throw error;
      throw timeout.aborted
        ? new PipelineError(
            'provider_timed_out',
            `${request.provider} did not answer within ${this.options.attemptTimeoutMs / 1000} s.`,
            { cause: error, operatorDetail: describe(request) },
          )
        : new PipelineError('provider_unreachable', `${request.provider} could not be reached.`, {
            cause: error,
            operatorDetail: describe(request),
          });
    }
    if (response.status !== 200) {
      throw errorOfStatus(request.provider, response.status, body.toString(), {
        secret: request.access.secret,
        retryAfterMs: askedWaitMs(response.status, response.headers, this.options.clock.date()),
        operatorDetail: `${describe(request)} → ${response.status}, request id ${requestId(response.headers)}`,
      });
    }
    return parseBody(request, body);
  }
}

function parseBody(request: ProviderRequest, body: Buffer): unknown {
  try {
    return parseExactJson(body);
  } catch {
    // The error of the parser shows a part of the body, which may begin or end within a secret.
    throw new PipelineError(
      'provider_response_invalid',
      `${request.provider} answered 200 with a body that is not JSON.`,
      { operatorDetail: `${describe(request)}, ${body.length} bytes` },
    );
  }
}

/** What the provider calls the request; Anthropic's header has no prefix. */
function requestId(headers: Headers): string {
  const id = headers.get('x-request-id') ?? headers.get('request-id') ?? 'none';
  return id.length <= MAX_REQUEST_ID_CHARACTERS ? id : 'too long';
}

function describe({ method = 'GET', url, access }: ProviderRequest): string {
  return access.secret.redact(`${method} ${url.origin}${url.pathname}`);
}
