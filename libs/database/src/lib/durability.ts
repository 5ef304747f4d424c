/** What the server says of the settings that decide whether a commit outlives a crash. */
export interface DurabilitySettings {
  readonly fsync: string;
  readonly synchronous_commit: string;
  readonly full_page_writes: string;
}

const LOSSES: Readonly<Record<keyof DurabilitySettings, string>> = {
  fsync: 'a crash of the machine may lose accepted runs and damage the whole database',
  synchronous_commit: 'a crash of the server may lose runs that were accepted right before it',
  full_page_writes: 'a crash in the middle of a write may damage pages that hold accepted runs',
};

/**
 * One warning for each setting by which an accepted run may be lost, saying what to set. Of `synchronous_commit`, every
 * value but `off` waits for the disk of this server at least.
 *
 * See https://www.postgresql.org/docs/current/runtime-config-wal.html
 */
export function durabilityWarnings(settings: DurabilitySettings): readonly string[] {
  return (['fsync', 'synchronous_commit', 'full_page_writes'] as const)
    .filter((name) => (name === 'synchronous_commit' ? settings[name] === 'off' : settings[name] !== 'on'))
    .map(
      (name) =>
        `PostgreSQL runs with ${name} = ${settings[name]}: ${LOSSES[name]}. Set ${name} = on, unless the server's storage makes up for it.`,
    );
}
