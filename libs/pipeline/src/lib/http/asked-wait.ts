/** A number that is larger is an instant, in seconds of the epoch. */
const MAX_SECONDS = 1e9;
/** A number that is larger is an instant, in milliseconds of the epoch. */
const MAX_EPOCH_SECONDS = 1e11;
const DURATION = /^(?:\d+(?:\.\d+)?(?:ms|s|m|h|d))+$/;
const DURATION_PART = /(\d+(?:\.\d+)?)(ms|s|m|h|d)/g;
const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
/** `x-ratelimit-reset-requests`, `anthropic-ratelimit-requests-reset`, `ratelimit-reset` and their kind. */
const RESET_HEADER = /^(?:[a-z]+-)*rate-?limit-(?:[a-z]+-)*reset(?:-[a-z]+)*$/;
/** The IETF's `ratelimit: "default";r=0;t=30`. */
const IETF_RESET = /(?:^|[;,\s])(?:t|reset)=(\d+)/;

/**
 * Milliseconds that an answer asks to wait: `retry-after-ms`, then `retry-after`. Where neither asks for any time, as one
 * of 0 or an instant that is past does not, a limit tells when it ends: the longest of the reset headers counts, except
 * those of a budget of which some remains.
 *
 * Undefined when nothing is asked.
 */
export function askedWaitMs(status: number, headers: Headers, now: Date): number | undefined {
  const retryAfter = positive(
    plainMs(headers.get('retry-after-ms')) ?? waitOf(headers.get('retry-after'), now),
  );
  if (retryAfter !== undefined || status !== 429) return retryAfter;
  const ietf = IETF_RESET.exec(headers.get('ratelimit') ?? '')?.[1];
  const resets = [...headers]
    .filter(([name]) => RESET_HEADER.test(name) && !hasRemaining(headers, name))
    .map(([, value]) => waitOf(value, now));
  return positive(Math.max(0, ...[...resets, waitOf(ietf, now)].filter((ms) => ms !== undefined)));
}

/** A wait in seconds, as a duration (`6m0s`), or until an instant: RFC 3339, HTTP date, seconds or milliseconds of the epoch. */
function waitOf(text: string | null | undefined, now: Date): number | undefined {
  const value = text?.trim() ?? '';
  if (/^\d+(\.\d+)?$/.test(value)) {
    const number = Number(value);
    if (number < MAX_SECONDS) return Math.ceil(number * 1_000);
    return Math.ceil(number < MAX_EPOCH_SECONDS ? number * 1_000 : number) - now.getTime();
  }
  if (DURATION.test(value)) {
    const parts = [...value.matchAll(DURATION_PART)];
    return Math.ceil(parts.reduce((ms, [, amount, unit]) => ms + Number(amount) * UNIT_MS[unit!]!, 0));
  }
  // Date.parse alone would take "-5" for a year.
  if (!/^\d{4}-\d\d-\d\d[Tt ]|GMT$/.test(value)) return undefined;
  const instant = Date.parse(value);
  return Number.isNaN(instant) ? undefined : instant - now.getTime();
}

function plainMs(text: string | null): number | undefined {
  return text !== null && /^\d+$/.test(text) ? Number(text) : undefined;
}

function hasRemaining(headers: Headers, reset: string): boolean {
  return Number(headers.get(reset.replace('reset', 'remaining')) ?? 0) > 0;
}

function positive(ms: number | undefined): number | undefined {
  return ms !== undefined && ms > 0 ? ms : undefined;
}
