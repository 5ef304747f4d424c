import type { ErrorCode } from '../errors/error-catalog.ts';
import { PipelineError, type PipelineErrorOptions } from '../errors/pipeline-error.ts';
import type { Secret } from '../secret/secret.ts';

const PROVIDER_MESSAGE_LIMIT = 300;
/** What is longer is no message; a part of it could end within a secret, where it is not found. */
const MAX_MESSAGE_CHARACTERS = 64 * 1024;

/** The error that an answer other than 200 stands for, with the provider's own words, cleared of the secret and cut. */
export function errorOfStatus(
  provider: string,
  status: number,
  body: string,
  { secret, ...options }: PipelineErrorOptions & { readonly secret: Secret<object> },
): PipelineError {
  const said = providerMessage(body, secret);
  const suffix = said ? ` It said: ${said}` : '';
  return new PipelineError(codeOfStatus(status), `${phrase(provider, status)}${suffix}`, {
    ...options,
    facts: { provider, provider_status: status },
  });
}

function codeOfStatus(status: number): ErrorCode {
  if (status === 401 || status === 402 || status === 403) return 'credential_rejected';
  if (status === 429) return 'provider_rate_limited';
  if (status === 408 || status === 409 || status >= 500) return 'provider_unavailable';
  return 'provider_rejected_request';
}

function phrase(provider: string, status: number): string {
  switch (codeOfStatus(status)) {
    case 'credential_rejected':
      return `${provider} refused the stored credential (HTTP ${status}). Store a valid one and run again.`;
    case 'provider_rate_limited':
      return `${provider} is limiting the rate of requests (HTTP ${status}).`;
    case 'provider_unavailable':
      return `${provider} answered with a server error (HTTP ${status}).`;
    default:
      return `${provider} refused the request (HTTP ${status}).`;
  }
}

function providerMessage(body: string, secret: Secret<object>): string | undefined {
  try {
    const parsed = JSON.parse(body) as { error?: { message?: unknown } | string; message?: unknown };
    const message =
      typeof parsed.error === 'string' ? parsed.error : (parsed.error?.message ?? parsed.message);
    return typeof message === 'string' && message.length <= MAX_MESSAGE_CHARACTERS
      ? secret.redact(message).slice(0, PROVIDER_MESSAGE_LIMIT)
      : undefined;
  } catch {
    return undefined;
  }
}
