import { OptionalReads, type JsonValue } from '@pipelines/pipeline';
import type { OpenAiClient, OpenAiListQuery, OpenAiReading } from '../openai-client.ts';
import { readApiKey, readNamed, type OpenAiApiKey, type OpenAiNamed } from './openai-names.api.ts';

/** The ids of a row that have a name elsewhere. */
export interface OpenAiIds {
  readonly projectId: string | null;
  readonly apiKeyId: string | null;
  /** Absent where rows carry no user. */
  readonly userId?: string | null;
}

/** Longest time that all names of a run may take together; the run goes on without those that are missing then. */
const NAMES_TIMEOUT_MS = 120_000;
/** Longest time that one list may take. */
const LIST_TIMEOUT_MS = 30_000;

/**
 * The names of projects, API keys, users and service accounts for the rows of one run, read when rows first need them
 * and kept until the run ends. There is no list of all keys of an organization, so keys are read project by project.
 *
 * Names are a convenience and figures are not: a list that cannot be read, because the key lacks the permission or for
 * any other reason, leaves its names null and the run goes on, with every other list. A list counts only when it was
 * read to its end.
 */
export class OpenAiNames {
  private readonly projects = new Map<string, OpenAiNamed>();
  private readonly apiKeys = new Map<string, OpenAiApiKey>();
  private readonly people = new Map<string, OpenAiNamed>();
  /** Projects whose keys were asked for. */
  private readonly projectsOfKeys = new Set<string>();
  private readonly asked = new Set<string>();
  private readonly reads: OptionalReads;

  constructor(
    private readonly client: OpenAiClient,
    private readonly access: OpenAiReading,
    timeoutMs = NAMES_TIMEOUT_MS,
  ) {
    this.reads = new OptionalReads(access, { timeoutMs, eachMs: LIST_TIMEOUT_MS });
  }

  /**
   * Reads the names that these rows need and that are not known yet.
   * @throws The signal's reason when the run is aborted; nothing else.
   */
  async readFor(rows: readonly OpenAiIds[]): Promise<void> {
    if (rows.some(({ projectId }) => projectId !== null)) {
      const parameters = { include_archived: 'true' };
      await this.read(
        'names of projects',
        { path: 'organization/projects', parameters },
        this.keepIn(this.projects),
      );
    }
    const lacksKeys = ({ apiKeyId, projectId }: OpenAiIds) =>
      apiKeyId !== null && projectId !== null && !this.projectsOfKeys.has(projectId);
    for (const projectId of projectsOf(rows, lacksKeys)) {
      this.projectsOfKeys.add(projectId);
      const path = `organization/projects/${encodeURIComponent(projectId)}/api_keys`;
      await this.read(
        'names and owners of API keys',
        { path, parameters: { owner_project_access: 'any' } },
        (item) => this.keepApiKey(readApiKey(item)),
      );
    }
    if (rows.some(({ userId }) => typeof userId === 'string')) {
      await this.read('names of users', { path: 'organization/users' }, this.keepIn(this.people));
    }
    for (const projectId of projectsOf(rows, ({ userId }) => userId && !this.people.has(userId))) {
      const path = `organization/projects/${encodeURIComponent(projectId)}/service_accounts`;
      await this.read('names of service accounts', { path }, this.keepIn(this.people));
    }
  }

  /** Name of the project. */
  project(id: string | null): string | null {
    return (id !== null && this.projects.get(id)?.name) || null;
  }

  /** Name of the API key. */
  apiKey(id: string | null): string | null {
    return (id !== null && this.apiKeys.get(id)?.name) || null;
  }

  /** The user or service account that the API key belongs to. */
  ownerOf(apiKeyId: string | null): OpenAiNamed | null {
    return (apiKeyId !== null && this.apiKeys.get(apiKeyId)?.owner) || null;
  }

  /** Name of the user or service account. */
  user(id: string | null): string | null {
    return (id !== null && this.people.get(id)?.name) || null;
  }

  private keepIn(map: Map<string, OpenAiNamed>): (item: JsonValue) => () => void {
    return (item) => {
      const named = readNamed(item);
      return () => map.set(named.id, named);
    };
  }

  private keepApiKey(key: OpenAiApiKey): () => void {
    return () => {
      this.apiKeys.set(key.id, key);
      if (key.owner) this.people.set(key.owner.id, key.owner);
    };
  }

  /** @param keeping Reads an item, and says how to keep it once the whole list is there. */
  private async read(
    part: string,
    query: OpenAiListQuery,
    keeping: (item: JsonValue) => () => void,
  ): Promise<void> {
    if (this.asked.has(query.path)) return;
    this.asked.add(query.path);
    await this.reads.read(part, async (bounds) => {
      const kept: (() => void)[] = [];
      for await (const items of this.client.pages(query, { ...this.access, ...bounds })) {
        kept.push(...items.map(keeping));
      }
      for (const keep of kept) keep();
    });
  }
}

function projectsOf(rows: readonly OpenAiIds[], needs: (row: OpenAiIds) => unknown): ReadonlySet<string> {
  const ids = rows.filter(needs).map(({ projectId }) => projectId);
  return new Set(ids.filter((id): id is string => id !== null));
}
