import { createHash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { JsonValue, PipelineError, ProviderHttpClient, type ProviderAccess } from '@pipelines/pipeline';
import { MODULE_OPTIONS_TOKEN, type GcpProcessorsOptions } from './gcp-processors.options.ts';
import type { GcpSecret } from './gcp.secret.ts';
import { serviceAccountAssertion } from './service-account-assertion.ts';

const PROVIDER = 'gcp';
const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
/** A token is not used in its last minute, so that it does not expire on the way. */
const MARGIN_MS = 60_000;

interface AccessToken {
  readonly value: string;
  readonly usableUntil: number;
}

/** Exchanges service-account keys for access tokens, and keeps the tokens in memory until they are nearly over. */
@Injectable()
export class GcpAccessTokens {
  private readonly tokens = new Map<string, AccessToken>();

  constructor(
    @Inject(MODULE_OPTIONS_TOKEN) private readonly options: GcpProcessorsOptions,
    private readonly http: ProviderHttpClient,
  ) {}

  /**
   * A token of the service account for the scope, which its secret conceals from then on.
   * @throws PipelineError `credential_rejected` when the key is deleted, disabled or signed by a wrong clock;
   * otherwise as `ProviderHttpClient.requestJson`.
   */
  async tokenFor(scope: string, access: ProviderAccess<GcpSecret>): Promise<string> {
    const token = await this.cachedToken(scope, access);
    access.secret.conceal(token);
    return token;
  }

  private async cachedToken(scope: string, access: ProviderAccess<GcpSecret>): Promise<string> {
    const account = access.secret.reveal();
    const now = new Date();
    this.forgetExpired(now);
    // The whole key takes part, so that a stored key with another's e-mail and id never gets the other's token.
    const cacheKey = createHash('sha256')
      .update(JSON.stringify([account, scope]))
      .digest('hex');
    const cached = this.tokens.get(cacheKey);
    if (cached) return cached.value;

    const assertion = serviceAccountAssertion(account, { audience: this.options.tokenUrl, scope, now });
    access.secret.conceal(assertion);
    const token = readToken(await this.exchange(assertion, access), now);
    this.tokens.set(cacheKey, token);
    return token.value;
  }

  private async exchange(assertion: string, access: ProviderAccess): Promise<unknown> {
    try {
      return await this.http.requestJson({
        provider: PROVIDER,
        method: 'POST',
        url: new URL(this.options.tokenUrl),
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams({ grant_type: JWT_BEARER, assertion }).toString(),
        access,
      });
    } catch (error) {
      // The token endpoint says `invalid_grant` with HTTP 400: the request is well formed, the key is not accepted.
      if (!(error instanceof PipelineError) || error.code !== 'provider_rejected_request') throw error;
      throw new PipelineError(
        'credential_rejected',
        'gcp refused the service-account key: it may be deleted or disabled. Store a valid one and run again.',
        { cause: error, operatorDetail: error.operatorDetail, facts: error.facts },
      );
    }
  }

  private forgetExpired(now: Date): void {
    for (const [key, token] of this.tokens) {
      if (token.usableUntil <= now.getTime()) this.tokens.delete(key);
    }
  }
}

/** A token that does not say how long it lives is used once (RFC 6749 only recommends `expires_in`). */
function readToken(answer: unknown, now: Date): AccessToken {
  const token = new JsonValue(PROVIDER, answer);
  const lifetimeMs = Number(token.get('expires_in').orDefault(0).integer()) * 1000;
  return { value: token.get('access_token').text(), usableUntil: now.getTime() + lifetimeMs - MARGIN_MS };
}
