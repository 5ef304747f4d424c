import { OptionalReads } from '@pipelines/pipeline';
import type {
  AnthropicAccess,
  AnthropicClient,
  AnthropicListQuery,
  AnthropicReading,
} from '../anthropic-client.ts';
import { readNamed, type AnthropicNamed } from './anthropic-names.api.ts';

/** The ids of a row that have a name elsewhere. */
export interface AnthropicIds {
  readonly workspaceId: string | null;
  /** Absent where rows carry no API key. */
  readonly apiKeyId?: string | null;
}

/** Longest time that all names of a run may take together; the run goes on without those that are missing then. */
const NAMES_TIMEOUT_MS = 120_000;
/** Longest time that one list may take. */
const LIST_TIMEOUT_MS = 30_000;

/**
 * The names of the organization, workspaces and API keys for the rows of one run, read when rows first need them and kept
 * until the run ends.
 *
 * Names are a convenience and figures are not: a list that cannot be read, because the key lacks the permission or for
 * any other reason, leaves its names null and the run goes on. A list counts only when it was read to its end.
 */
export class AnthropicNames {
  private readonly workspaces = new Map<string, AnthropicNamed>();
  private readonly apiKeys = new Map<string, AnthropicNamed>();
  private readonly asked = new Set<string>();
  private defaultWorkspace: AnthropicNamed | null = null;
  private ownOrganization: AnthropicNamed | null = null;
  private readonly reads: OptionalReads;

  constructor(
    private readonly client: AnthropicClient,
    private readonly access: AnthropicReading,
    timeoutMs = NAMES_TIMEOUT_MS,
  ) {
    this.reads = new OptionalReads(access, { timeoutMs, eachMs: LIST_TIMEOUT_MS });
  }

  /** Null until it was read, and when it could not be. */
  get organization(): AnthropicNamed | null {
    return this.ownOrganization;
  }

  /**
   * Reads the organization that the key belongs to.
   * @throws The signal's reason when the run is aborted; nothing else.
   */
  async readOrganization(): Promise<void> {
    await this.once('the name of the organization', async (access) => {
      this.ownOrganization = readNamed(await this.client.organization(access));
    });
  }

  /**
   * Reads the names that these rows need and that are not known yet.
   * @throws The signal's reason when the run is aborted; nothing else.
   */
  async readFor(rows: readonly AnthropicIds[]): Promise<void> {
    if (rows.length > 0) await this.readWorkspaces();
    if (rows.some(({ apiKeyId }) => typeof apiKeyId === 'string')) {
      await this.once('names of API keys', async (access) => {
        for (const key of await this.read({ path: 'organizations/api_keys' }, access)) {
          this.apiKeys.set(key.id, key);
        }
      });
    }
  }

  /** The columns that say which workspace it was; the reports write null for the default one. */
  workspaceColumns(id: string | null): {
    readonly workspace_id: string | null;
    readonly default_workspace_id: string | null;
    readonly workspace_name: string | null;
  } {
    const workspace = id === null ? this.defaultWorkspace : this.workspaces.get(id);
    return {
      workspace_id: id,
      default_workspace_id: id === null ? (workspace?.id ?? null) : null,
      workspace_name: workspace?.name ?? null,
    };
  }

  /** Name of the API key. */
  apiKey(id: string | null): string | null {
    return (id !== null && this.apiKeys.get(id)?.name) || null;
  }

  /** No field tells the default workspace: it is the one that is listed only when asked for. */
  private async readWorkspaces(): Promise<void> {
    const path = 'organizations/workspaces';
    const archived = { include_archived: 'true' };
    const named = await this.once('names of workspaces', async (access) => {
      const query = { path, parameters: { ...archived, include_default: 'true' } };
      for (const workspace of await this.read(query, access)) this.workspaces.set(workspace.id, workspace);
    });
    if (!named) return;
    await this.once('the default workspace', async (access) => {
      const listed = new Set((await this.read({ path, parameters: archived }, access)).map(({ id }) => id));
      const [unlisted, ...others] = [...this.workspaces.values()].filter(({ id }) => !listed.has(id));
      this.defaultWorkspace = others.length === 0 ? (unlisted ?? null) : null;
    });
  }

  private async read(query: AnthropicListQuery, access: AnthropicAccess): Promise<readonly AnthropicNamed[]> {
    const named: AnthropicNamed[] = [];
    for await (const items of this.client.pages(query, access)) named.push(...items.map(readNamed));
    return named;
  }

  /** Returns whether it was read now. */
  private async once(part: string, read: (access: AnthropicAccess) => Promise<void>): Promise<boolean> {
    if (this.asked.has(part)) return false;
    this.asked.add(part);
    return this.reads.read(part, (bounds) => read({ ...this.access, ...bounds }));
  }
}
