import type { FastifyInstance } from 'fastify';
import { sliceAfter } from '../query/list-slice.ts';
import { unknownParameter } from '../query/unknown-parameter.ts';
import { namingKeyOf } from './admin-key.ts';
import { AnthropicRefusal } from './anthropic-refusal.ts';
import { directoryOf, type SandboxNamed, type SandboxWorkspace } from './directory.ts';

const DEFAULT_LIMIT = 20;
const MAX_LIMIT = 1_000;
const BOOLEANS = ['true', 'false'];
const STATUSES = ['active', 'inactive', 'archived', 'expired'];
const FOUNDED = '2024-06-01T00:00:00Z';

/** The endpoints that name what the reports show as ids. */
export function addDirectoryRoutes(app: FastifyInstance, seed: string): void {
  app.get('/organizations/me', async (request) => {
    const { organization } = directoryOf(seed, namingKeyOf(request));
    return { ...organization, type: 'organization' };
  });

  app.get('/organizations/workspaces', async (request) => {
    const parameters = parametersOf(request.url);
    const wants = (name: string): boolean => oneOf(parameters, name, BOOLEANS) === 'true';
    const [withDefault, withArchived] = [wants('include_default'), wants('include_archived')];
    const { workspaces } = directoryOf(seed, namingKeyOf(request));
    const listed = workspaces.filter(
      ({ isDefault, archivedOn }) => (!isDefault || withDefault) && (archivedOn === null || withArchived),
    );
    return listPage(listed.map(workspaceItem), parameters, 'include_default', 'include_archived');
  });

  app.get('/organizations/api_keys', async (request) => {
    const parameters = parametersOf(request.url);
    const status = oneOf(parameters, 'status', STATUSES);
    const { workspaces } = directoryOf(seed, namingKeyOf(request));
    const keys = workspaces.flatMap((workspace) =>
      workspace.apiKeys.map((key) => apiKeyItem(key, workspace)),
    );
    return listPage(
      keys.filter((key) => status === null || key.status === status),
      parameters,
      'status',
    );
  });
}

function parametersOf(url: string): URLSearchParams {
  return new URL(url, 'http://sandbox').searchParams;
}

function oneOf(parameters: URLSearchParams, name: string, values: readonly string[]): string | null {
  const value = parameters.get(name);
  if (value !== null && !values.includes(value)) {
    throw new AnthropicRefusal('invalid_request_error', `${name}: must be one of ${values.join(', ')}`);
  }
  return value;
}

function workspaceItem({ id, name, archivedOn }: SandboxWorkspace): SandboxNamed {
  return {
    id,
    name,
    ...{ type: 'workspace', created_at: FOUNDED, display_color: '#6C5BB9', tags: {}, external_key_id: null },
    ...{ archived_at: archivedOn && `${archivedOn}T00:00:00Z` },
  };
}

function apiKeyItem(
  { id, name }: SandboxNamed,
  workspace: SandboxWorkspace,
): SandboxNamed & { readonly status: string } {
  const scope = workspace.isDefault
    ? { type: 'organization' }
    : { type: 'workspace', workspace_id: workspace.id };
  return {
    id,
    name,
    status: workspace.archivedOn ? 'archived' : 'active',
    ...{ type: 'api_key', scope },
    ...{ partial_key_hint: 'sk-ant-api03-***', created_at: FOUNDED, expires_at: null },
  };
}

function listPage(
  items: readonly SandboxNamed[],
  parameters: URLSearchParams,
  ...filters: readonly string[]
): object {
  const unknown = unknownParameter(parameters, ['limit', 'after_id', ...filters]);
  if (unknown !== undefined) {
    throw new AnthropicRefusal(
      'invalid_request_error',
      `${unknown}: the sandbox does not know this parameter`,
    );
  }
  const limit = Number(parameters.get('limit') ?? DEFAULT_LIMIT);
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LIMIT) {
    throw new AnthropicRefusal('invalid_request_error', `limit: must be between 1 and ${MAX_LIMIT}`);
  }
  const slice = sliceAfter(items, parameters.get('after_id'), limit);
  if (!slice) throw new AnthropicRefusal('invalid_request_error', 'after_id: no such item');
  return slice;
}
