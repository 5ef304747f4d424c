import { createHash } from 'node:crypto';
import { secondsOf } from '../deterministic/days.ts';

/** A project of the organization that an admin key belongs to. */
export interface SandboxProject {
  readonly id: string;
  readonly name: string;
  readonly createdAt: number;
  /** Day from which the project costs nothing more; null while it is active. */
  readonly archivedOn: string | null;
  readonly apiKeys: readonly SandboxMember[];
}

/** A user or an API key, with the name that people gave it. */
export interface SandboxMember {
  readonly id: string;
  readonly name: string;
}

/** The projects, keys and users of one organization. */
export interface Directory {
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

/** The organization of the admin key. */
export function directoryOf(seed: string, apiKey: string): Directory {
  const id = (prefix: string, name: string): string =>
    prefix +
    createHash('sha256')
      .update(JSON.stringify([seed, apiKey, name]))
      .digest('hex')
      .slice(0, 24);
  return {
    users: USERS.map((name) => ({ id: id('user-', name), name })),
    projects: PROJECTS.map(({ name, archivedOn }) => ({
      id: id('proj_', name),
      name,
      archivedOn,
      createdAt: FOUNDED,
      apiKeys: KEYS.map((key) => ({ id: id('key_', `${name}/${key}`), name: key })),
    })),
  };
}

/** The projects that are not archived on the day. */
export function projectsOn(directory: Directory, date: string): readonly SandboxProject[] {
  return directory.projects.filter(({ archivedOn }) => archivedOn === null || date < archivedOn);
}
