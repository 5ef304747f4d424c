import { createHash } from 'node:crypto';

/** What has an id and a name. */
export interface SandboxNamed {
  readonly id: string;
  readonly name: string;
}

/** A workspace of the organization. */
export interface SandboxWorkspace extends SandboxNamed {
  /** The reports write null in place of its id. */
  readonly isDefault: boolean;
  /** Day from which the workspace costs nothing more; null while it is active. */
  readonly archivedOn: string | null;
  readonly apiKeys: readonly SandboxNamed[];
}

/** The workspaces and keys of one organization. */
export interface Directory {
  readonly organization: SandboxNamed;
  readonly workspaces: readonly SandboxWorkspace[];
}

const WORKSPACES = [
  { name: 'Default', isDefault: true, archivedOn: null },
  { name: 'Assistant', isDefault: false, archivedOn: null },
  { name: 'Code Review', isDefault: false, archivedOn: null },
  { name: 'Translation', isDefault: false, archivedOn: null },
  { name: 'Old Pilot', isDefault: false, archivedOn: '2026-04-01' },
];
const KEYS = ['production', 'staging'];

/** The organization of the admin key. */
export function directoryOf(seed: string, apiKey: string): Directory {
  const digest = (name: string): string =>
    createHash('sha256')
      .update(JSON.stringify([seed, apiKey, 'anthropic', name]))
      .digest('hex');
  const id = (prefix: string, name: string): string => prefix + digest(name).slice(0, 24);
  const [first, second] = [digest('organization').slice(0, 8), digest('organization').slice(8, 20)];
  return {
    organization: { id: `${first}-0000-4000-8000-${second}`, name: 'Sandbox Organization' },
    workspaces: WORKSPACES.map((workspace) => ({
      ...workspace,
      id: id('wrkspc_', workspace.name),
      apiKeys: KEYS.map((key) => ({ id: id('apikey_', `${workspace.name}/${key}`), name: key })),
    })),
  };
}

/** The workspaces that are not archived on the day. */
export function workspacesOn(directory: Directory, date: string): readonly SandboxWorkspace[] {
  return directory.workspaces.filter(({ archivedOn }) => archivedOn === null || date < archivedOn);
}
