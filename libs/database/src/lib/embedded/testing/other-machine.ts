import { execFile, execFileSync } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);
const MODULE = new URL('../embedded-postgres.ts', import.meta.url).href;

/** A machine as root may find it, played in a mount namespace of this one. */
export interface Machine {
  /** What lies in `/var/lib`; it outlasts the processes of the machine. */
  readonly varLib: string;
  /** Whether `unshare` does its work there. */
  readonly userNamespaces: boolean;
  /** Who starts PostgreSQL. */
  readonly uid: number;
}

/** What a start on such a machine was like; the server has ended. */
export interface Start {
  readonly notice?: string;
  readonly log: readonly string[];
  readonly rows?: readonly object[];
  readonly error?: string;
}

/** Whether machines can be played here: by root, where mounting is allowed. */
export function canPlayMachines(): boolean {
  try {
    execFileSync('unshare', ['--mount', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Starts PostgreSQL on the machine, puts statements to it, and stops it. */
export async function startOn(machine: Machine, dataDirectory: string, sql: string): Promise<Start> {
  const options = { dataDirectory, settings: { fsync: 'off', full_page_writes: 'off' } };
  const { stdout } = await runOn(
    machine,
    `
    const { startEmbeddedPostgres } = await import(${JSON.stringify(MODULE)});
    const { Client } = await import('pg');
    const log = [];
    try {
      const server = await startEmbeddedPostgres({ ...${JSON.stringify(options)}, log: (line) => log.push(line) });
      const client = new Client(server.url);
      await client.connect();
      const { rows } = await client.query(${JSON.stringify(sql)});
      await client.end();
      await server.stop();
      console.log(JSON.stringify({ notice: server.notice, log, rows }));
    } catch (error) {
      console.log(JSON.stringify({ log, error: error.message }));
    }`,
  );
  return JSON.parse(stdout) as Start;
}

/** Runs an ECMAScript module on the machine. */
export function runOn(machine: Machine, script: string): Promise<{ stdout: string }> {
  const prepare = [
    'mount --bind "$1" /var/lib',
    ...(machine.userNamespaces ? [] : ['mount --bind /bin/false "$(command -v unshare)"']),
    'shift',
    `exec setpriv --reuid ${machine.uid} --regid ${machine.uid} --clear-groups "$@"`,
  ];
  const node = [process.execPath, '--input-type=module', '--eval', script];
  return run('unshare', ['--mount', 'sh', '-c', prepare.join(' && '), 'sh', machine.varLib, ...node], {
    cwd: import.meta.dirname,
  });
}
