import type { FastifyInstance, FastifyRequest } from 'fastify';
import { secondsOf } from '../deterministic/days.ts';
import { sliceAfter } from '../query/list-slice.ts';
import { unknownParameter } from '../query/unknown-parameter.ts';
import { namingKeyOf } from './admin-key.ts';
import { directoryOf, type SandboxApiKey, type SandboxMember, type SandboxProject } from './directory.ts';
import { OpenAiRefusal } from './openai-refusal.ts';

const DEFAULT_LIMIT = 20;
const MAX_LIMIT = 100;
const BOOLEANS = ['true', 'false'];
const ACCESSES = ['active', 'inactive', 'any'];

/** The endpoints that name what costs and usage show as ids. */
export function addDirectoryRoutes(app: FastifyInstance, seed: string): void {
  app.get('/organization/projects', async (request) => {
    const parameters = parametersOf(request.url);
    const archivedToo = oneOf(parameters, 'include_archived', BOOLEANS) === 'true';
    const { projects } = directoryOf(seed, namingKeyOf(request));
    return listPage(
      projects.filter(({ archivedOn }) => archivedToo || archivedOn === null).map(projectItem),
      parameters,
      'include_archived',
    );
  });

  app.get('/organization/users', async (request) => {
    const { users } = directoryOf(seed, namingKeyOf(request));
    return listPage(users.map(userItem), parametersOf(request.url));
  });

  app.get<{ Params: { id: string } }>('/organization/projects/:id/api_keys', async (request) => {
    const parameters = parametersOf(request.url);
    const access = oneOf(parameters, 'owner_project_access', ACCESSES) ?? 'active';
    const project = projectOf(request);
    const keys = project.apiKeys.filter(
      ({ deleted, ownerAccess }) => !deleted && (access === 'any' || access === ownerAccess),
    );
    return listPage(
      keys.map((key) => apiKeyItem(key, project)),
      parameters,
      'owner_project_access',
    );
  });

  app.get<{ Params: { id: string } }>('/organization/projects/:id/service_accounts', async (request) => {
    const { serviceAccount, createdAt } = projectOf(request);
    const object = 'organization.project.service_account';
    const item = { ...serviceAccount, object, role: 'member', created_at: createdAt };
    return listPage([item], parametersOf(request.url));
  });

  function projectOf(request: FastifyRequest<{ Params: { id: string } }>): SandboxProject {
    const { projects } = directoryOf(seed, namingKeyOf(request));
    const project = projects.find(({ id }) => id === request.params.id);
    if (!project) throw new OpenAiRefusal(404, 'Project not found.', 'project_id', 'not_found');
    return project;
  }
}

function parametersOf(url: string): URLSearchParams {
  return new URL(url, 'http://sandbox').searchParams;
}

function oneOf(parameters: URLSearchParams, name: string, values: readonly string[]): string | null {
  const value = parameters.get(name);
  if (value !== null && !values.includes(value)) {
    throw new OpenAiRefusal(400, `Invalid value for ${name}: expected ${values.join(', ')}.`, name);
  }
  return value;
}

function projectItem({ id, name, createdAt, archivedOn }: SandboxProject): { readonly id: string } {
  return {
    id,
    ...{ object: 'organization.project', name, created_at: createdAt },
    ...{ archived_at: archivedOn && secondsOf(archivedOn), status: archivedOn ? 'archived' : 'active' },
  };
}

function userItem({ id, name }: SandboxMember): { readonly id: string } {
  const email = `${name.toLowerCase()}@sandbox.example`;
  return {
    id,
    ...{ object: 'organization.user', name, email, role: 'reader', added_at: secondsOf('2024-06-01') },
  };
}

function apiKeyItem(
  { id, name, owner: { type, ...owner }, ownerAccess }: SandboxApiKey,
  project: SandboxProject,
): { readonly id: string } {
  return {
    id,
    ...{ object: 'organization.project.api_key', name, redacted_value: 'sk-proj-***' },
    ...{ created_at: project.createdAt, last_used_at: null, owner_project_access: ownerAccess },
    ...{ owner: { type, [type]: { ...owner, role: 'member', created_at: project.createdAt } } },
  };
}

function listPage(
  items: readonly { readonly id: string }[],
  parameters: URLSearchParams,
  ...filters: readonly string[]
): object {
  const unknown = unknownParameter(parameters, ['limit', 'after', ...filters]);
  if (unknown !== undefined) throw new OpenAiRefusal(400, `Unknown parameter: '${unknown}'.`, unknown);
  const limit = Number(parameters.get('limit') ?? DEFAULT_LIMIT);
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LIMIT) {
    throw new OpenAiRefusal(400, `Invalid limit provided: must be between 1 and ${MAX_LIMIT}.`, 'limit');
  }
  const slice = sliceAfter(items, parameters.get('after'), limit);
  if (!slice) throw new OpenAiRefusal(400, 'Invalid value for after: no such item.', 'after');
  return { object: 'list', ...slice };
}
