import { applyDecorators } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { ApiBearerAuth, ApiSecurity } from '@nestjs/swagger';
import type { ApiKeyScope } from '@pipelines/organizations';

/** Who may call a handler: anybody, the root key alone, or a key with the scope (and the root key). */
export type Access = 'public' | 'root' | ApiKeyScope;

/** Declares who may call a handler; a handler without it answers nobody but the root key. */
export const RequiresAccess = Reflector.createDecorator<Access>();

/** Marks the one handler that makes the organization of its path; every other needs it to exist. */
export const CreatesOrganization = Reflector.createDecorator<void, true>({ transform: () => true });

/** Documents that a key is needed, in either of its headers; the names are those of the OpenAPI document's schemes. */
export function TakesApiKey(): ClassDecorator {
  return applyDecorators(ApiSecurity('api-key'), ApiBearerAuth('bearer'));
}
