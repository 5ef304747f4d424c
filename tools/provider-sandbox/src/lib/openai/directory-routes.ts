import type { FastifyInstance, FastifyRequest } from 'fastify';
import { secondsOf } from '../deterministic/days.ts';
import { namingKeyOf } from './admin-key.ts';
import { directoryOf, type SandboxApiKey, type SandboxMember, type SandboxProject } from './directory.ts';
import { OpenAiRefusal } from './openai-refusal.ts';

const DEFAULT_LIMIT = 20;
const MAX_LIMIT = 100;

/** The endpoints that name what costs and usage show as ids. */
export function addDirectoryRoutes(app: FastifyInstance, seed: string): void {
  app.get('/organization/projects', async (request) => {
    const parameters = parametersOf(request.url);
    const archivedToo = parameters.get('include_archived') === 'true';
    const { projects } = directoryOf(seed, namingKeyOf(request));
    return listPage(
      projects.filter(({ archivedOn }) => archivedToo || archivedOn === null).map(projectItem),
      parameters,
    );
  });

  app.get('/organization/users', async (request) => {
    const { users } = directoryOf(seed, namingKeyOf(request));
    return listPage(users.map(userItem), parametersOf(request.url));
  });

  app.get<{ Params: { id: string } }>('/organization/projects/:id/api_keys', async (request) => {
    const parameters = parametersOf(request.url);
    const access = parameters.get('owner_project_access') ?? 'active';
    const project = projectOf(request);
    const keys = project.apiKeys.filter(
      ({ deleted, ownerAccess }) => !deleted && (access === 'any' || access === ownerAccess),
    );
    return listPage(
      keys.map((key) => apiKeyItem(key, project)),
      parameters,
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

function listPage(items: readonly { readonly id: string }[], parameters: URLSearchParams): object {
  const limit = Number(parameters.get('limit') ?? DEFAULT_LIMIT);
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LIMIT) {
    throw new OpenAiRefusal(400, `Invalid limit provided: must be between 1 and ${MAX_LIMIT}.`, 'limit');
  }
  const after = parameters.get('after');
  const from = after === null ? 0 : items.findIndex(({ id }) => id === after) + 1;
  const data = items.slice(from, from + limit);
  return {
    object: 'list',
    data,
    first_id: data[0]?.id ?? null,
    last_id: data.at(-1)?.id ?? null,
    has_more: from + limit < items.length,
  };
}
