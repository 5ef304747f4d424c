import { createHash, timingSafeEqual } from 'node:crypto';
import { Inject, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import {
  ApiKeyStore,
  organizationNotFound,
  OrganizationStore,
  type ApiKeyScope,
} from '@pipelines/organizations';
import { isOrganizationSlug, PipelineError } from '@pipelines/pipeline';
import type { FastifyRequest } from 'fastify';
import { CreatesOrganization, RequiresAccess } from './access.decorators.ts';

/** Injection token of the SHA-256 of the root key. */
export const ROOT_API_KEY_HASH = Symbol('ROOT_API_KEY_HASH');

/**
 * The wall between organizations. A key speaks for its own organization alone: to any other it answers as if that did
 * not exist, so that a key cannot find out who else is here.
 */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly keys: ApiKeyStore,
    private readonly organizations: OrganizationStore,
    @Inject(ROOT_API_KEY_HASH) private readonly rootKeyHash: Buffer,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const required =
      this.reflector.getAllAndOverride(RequiresAccess, [context.getHandler(), context.getClass()]) ?? 'root';
    if (required === 'public') return true;

    const request = context.switchToHttp().getRequest<FastifyRequest<{ Params: { org?: string } }>>();
    const key = keyOf(request);
    if (this.isRootKey(key)) {
      const creates = this.reflector.get(CreatesOrganization, context.getHandler()) ?? false;
      await this.admitRoot(request.params.org, creates);
    } else {
      await this.admitKey(key, required, request.params.org);
    }
    return true;
  }

  private isRootKey(key: string): boolean {
    return timingSafeEqual(sha256(key), this.rootKeyHash);
  }

  private async admitRoot(org: string | undefined, creates: boolean): Promise<void> {
    if (org === undefined) return;
    assertSlug(org);
    if (!creates) await this.organizations.requireExisting(org);
  }

  private async admitKey(
    key: string,
    required: 'root' | ApiKeyScope,
    org: string | undefined,
  ): Promise<void> {
    const identity = await this.keys.recognise(key);
    if (!identity) {
      throw new PipelineError('api_key_invalid', 'The API key is unknown or revoked.');
    }
    if (org !== undefined) {
      assertSlug(org);
      if (org !== identity.org) throw organizationNotFound(org);
    }
    if (required === 'root') {
      throw new PipelineError(
        'root_key_required',
        'This is administration: use the root key (ROOT_API_KEY).',
      );
    }
    if (!identity.scopes.includes(required)) {
      throw new PipelineError(
        'scope_missing',
        `The API key lacks the scope "${required}"; it has: ${identity.scopes.join(', ')}.`,
      );
    }
  }
}

function keyOf({ headers }: FastifyRequest): string {
  const key = headers['x-api-key'] || /^Bearer (\S+)$/i.exec(headers.authorization ?? '')?.[1];
  if (typeof key !== 'string') {
    throw new PipelineError(
      'api_key_missing',
      'Send the API key in the header X-API-Key, or as Authorization: Bearer.',
    );
  }
  return key;
}

function assertSlug(org: string): void {
  if (isOrganizationSlug(org)) return;
  throw new PipelineError(
    'invalid_path_segment',
    `"${org.slice(0, 64)}" is not an organization slug: lower-case letters, digits and _, beginning with a letter, 2 to 48 characters.`,
    { facts: { field: 'org' } },
  );
}

/** SHA-256 of a key, so that keys are compared at equal length. */
export function sha256(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}
