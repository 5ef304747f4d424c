import type { FastifyInstance } from 'fastify';
import { namingKeyOf } from './admin-key.ts';
import { AnthropicRefusal } from './anthropic-refusal.ts';
import { directoryOf, type SandboxNamed, type SandboxWorkspace } from './directory.ts';

const DEFAULT_LIMIT = 20;
const MAX_LIMIT = 1_000;
const FOUNDED = '2024-06-01T00:00:00Z';

/** The endpoints that name what the reports show as ids. */
export function addDirectoryRoutes(app: FastifyInstance, seed: string): void {
  app.get('/organizations/me', async (request) => {
    const { organization } = directoryOf(seed, namingKeyOf(request));
    return { ...organization, type: 'organization' };
  });

  app.get('/organizations/workspaces', async (request) => {
    const parameters = parametersOf(request.url);
    const wants = (name: string): boolean => parameters.get(name) === 'true';
    const { workspaces } = directoryOf(seed, namingKeyOf(request));
    const listed = workspaces.filter(
      ({ isDefault, archivedOn }) =>
        (!isDefault || wants('include_default')) && (archivedOn === null || wants('include_archived')),
    );
    return listPage(listed.map(workspaceItem), parameters);
  });

  app.get('/organizations/api_keys', async (request) => {
    const { workspaces } = directoryOf(seed, namingKeyOf(request));
    const keys = workspaces.flatMap((workspace) =>
      workspace.apiKeys.map((key) => apiKeyItem(key, workspace)),
    );
    return listPage(keys, parametersOf(request.url));
  });
}

function parametersOf(url: string): URLSearchParams {
  return new URL(url, 'http://sandbox').searchParams;
}

function workspaceItem({ id, name, archivedOn }: SandboxWorkspace): SandboxNamed {
  return {
    id,
    name,
    ...{ type: 'workspace', created_at: FOUNDED, display_color: '#6C5BB9', tags: {}, external_key_id: null },
    ...{ archived_at: archivedOn && `${archivedOn}T00:00:00Z` },
  };
}

function apiKeyItem({ id, name }: SandboxNamed, workspace: SandboxWorkspace): SandboxNamed {
  const scope = workspace.isDefault
    ? { type: 'organization' }
    : { type: 'workspace', workspace_id: workspace.id };
  return {
    id,
    name,
    ...{ type: 'api_key', status: workspace.archivedOn ? 'archived' : 'active', scope },
    ...{ partial_key_hint: 'sk-ant-api03-***', created_at: FOUNDED, expires_at: null },
  };
}

function listPage(items: readonly SandboxNamed[], parameters: URLSearchParams): object {
  const limit = Number(parameters.get('limit') ?? DEFAULT_LIMIT);
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LIMIT) {
    throw new AnthropicRefusal('invalid_request_error', `limit: must be between 1 and ${MAX_LIMIT}`);
  }
  const after = parameters.get('after_id');
  const from = after === null ? 0 : items.findIndex(({ id }) => id === after) + 1;
  const data = items.slice(from, from + limit);
  return {
    data,
    has_more: from + limit < items.length,
    first_id: data[0]?.id ?? null,
    last_id: data.at(-1)?.id ?? null,
  };
}
