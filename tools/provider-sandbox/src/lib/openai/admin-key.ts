import type { FastifyRequest } from 'fastify';
import { OpenAiRefusal } from './openai-refusal.ts';

/** The key that the sandbox hands out. */
export const DEFAULT_API_KEY = 'sk-admin-sandbox-0000000000000000';

/** What admin keys begin with that may read costs and usage, but not the lists of projects, users and keys. */
const USAGE_ONLY = 'sk-admin-usage-only-';

/** The admin key of the request; any key that begins `sk-admin-` is an organization of its own. */
export function adminKeyOf(request: FastifyRequest): string {
  const key = /^Bearer (\S+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '';
  if (/^sk-(proj|svcacct)-/.test(key)) {
    throw new OpenAiRefusal(
      403,
      'You have insufficient permissions for this operation. Missing scopes: api.usage.read.',
    );
  }
  if (!key.startsWith('sk-admin-')) {
    throw new OpenAiRefusal(
      401,
      `Incorrect API key provided: ${key.slice(0, 8)}***.`,
      null,
      'invalid_api_key',
    );
  }
  return key;
}

/** The admin key of a request for names, for which a restricted key lacks the permission. */
export function namingKeyOf(request: FastifyRequest): string {
  const key = adminKeyOf(request);
  if (key.startsWith(USAGE_ONLY)) {
    throw new OpenAiRefusal(
      403,
      'You have insufficient permissions for this operation. Missing scopes: api.management.read.',
    );
  }
  return key;
}
