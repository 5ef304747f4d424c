import { createHash } from 'node:crypto';
import { secondsOf } from '../deterministic/days.ts';

/** A project of the organization that an admin key belongs to. */
export interface SandboxProject {
  readonly id: string;
  readonly name: string;
  readonly createdAt: number;
  /** Day from which the project costs nothing more; null while it is active. */
  readonly archivedOn: string | null;
  readonly apiKeys: readonly SandboxApiKey[];
  readonly serviceAccount: SandboxMember;
}

/** A user or a service account, with the name that people gave it. */
export interface SandboxMember {
  readonly id: string;
  readonly name: string;
}

/** An API key. Costs go on naming a deleted one, lists do not. */
export interface SandboxApiKey extends SandboxMember {
  readonly owner: SandboxMember & { readonly type: 'user' | 'service_account' };
  readonly ownerAccess: 'active' | 'inactive';
  readonly deleted: boolean;
}

/** The projects, keys and users of one organization. */
export interface Directory {
  readonly organizationId: string;
  readonly projects: readonly SandboxProject[];
  readonly users: readonly SandboxMember[];
}

const PROJECTS = [
  { name: 'Support Assistant', archivedOn: null },
  { name: 'Search', archivedOn: null },
  { name: 'Data Labelling', archivedOn: null },
  { name: 'Research', archivedOn: null },
  { name: 'Old Chatbot', archivedOn: '2026-03-01' },
];
const KEYS = ['production', 'staging'];
const USERS = ['Ada', 'Grace', 'Katherine'];
const FOUNDED = secondsOf('2024-06-01');
const DELETED_KEY = 'Research/staging';
/** Its owner has left the project, so that a list shows it only when asked for keys of any owner. */
const KEY_OF_FORMER_MEMBER = 'Search/staging';

/** The organization of the admin key. */
export function directoryOf(seed: string, apiKey: string): Directory {
  const id = (prefix: string, name: string): string =>
    prefix +
    createHash('sha256')
      .update(JSON.stringify([seed, apiKey, name]))
      .digest('hex')
      .slice(0, 24);
  const users = USERS.map((name) => ({ id: id('user-', name), name }));
  const projects = PROJECTS.map(({ name, archivedOn }, index) => {
    const serviceAccount = { id: id('user-', `${name}/service`), name: `${name} service` };
    const apiKeys = KEYS.map((key): SandboxApiKey => {
      const path = `${name}/${key}`;
      return {
        id: id('key_', path),
        name: key,
        owner:
          key === 'production'
            ? { ...serviceAccount, type: 'service_account' }
            : { ...users[index % users.length]!, type: 'user' },
        ownerAccess: path === KEY_OF_FORMER_MEMBER ? 'inactive' : 'active',
        deleted: path === DELETED_KEY,
      };
    });
    return { id: id('proj_', name), name, archivedOn, createdAt: FOUNDED, apiKeys, serviceAccount };
  });
  return { organizationId: id('org-', 'organization'), users, projects };
}

/** The projects that are not archived on the day. */
export function projectsOn(directory: Directory, date: string): readonly SandboxProject[] {
  return directory.projects.filter(({ archivedOn }) => archivedOn === null || date < archivedOn);
}
