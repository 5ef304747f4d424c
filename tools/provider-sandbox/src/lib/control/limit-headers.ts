const LIMIT = '5';

/**
 * The headers by which a provider says when a limit ends that it names no `Retry-After` for: Anthropic the instant, which
 * has been seen to be past already, OpenAI the time that is left.
 * @param path Of the request, whose first part is the provider.
 */
export function limitHeaders(path: string, resetAfterSeconds: number, now: Date): Record<string, string> {
  if (path.startsWith('/anthropic/')) {
    const reset = new Date(now.getTime() + resetAfterSeconds * 1_000);
    return {
      'anthropic-ratelimit-requests-limit': LIMIT,
      'anthropic-ratelimit-requests-remaining': '0',
      'anthropic-ratelimit-requests-reset': reset.toISOString().replace(/\.\d+Z$/, 'Z'),
    };
  }
  if (path.startsWith('/openai/')) {
    return {
      'x-ratelimit-limit-requests': LIMIT,
      'x-ratelimit-remaining-requests': '0',
      'x-ratelimit-reset-requests': `${Math.max(0, resetAfterSeconds)}s`,
    };
  }
  return {};
}
