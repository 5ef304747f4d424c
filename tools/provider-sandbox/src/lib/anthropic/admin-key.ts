import type { FastifyRequest } from 'fastify';
import { AnthropicRefusal } from './anthropic-refusal.ts';

/** The key that the sandbox hands out. */
export const DEFAULT_API_KEY = 'sk-ant-admin01-sandbox-0000000000000000';

/** What admin keys begin with that may read the reports, but not the lists of workspaces and keys. */
const REPORTS_ONLY = 'sk-ant-admin01-reports-only-';

/** The only version of the Admin API. */
const VERSION = '2023-06-01';

/** The admin key of the request; any key that begins `sk-ant-admin` is an organization of its own. */
export function adminKeyOf(request: FastifyRequest): string {
  const version = request.headers['anthropic-version'];
  if (version !== VERSION) {
    const problem = version === undefined ? 'header is required' : `"${version}" is not a valid version`;
    throw new AnthropicRefusal('invalid_request_error', `anthropic-version: ${problem}`);
  }
  const key = request.headers['x-api-key'];
  if (typeof key !== 'string' || !key.startsWith('sk-ant-admin')) {
    throw new AnthropicRefusal('authentication_error', 'invalid x-api-key');
  }
  return key;
}

/** The admin key of a request for names. */
export function namingKeyOf(request: FastifyRequest): string {
  const key = adminKeyOf(request);
  if (key.startsWith(REPORTS_ONLY)) {
    throw new AnthropicRefusal('permission_error', 'Your key may not list this resource.');
  }
  return key;
}
