import { once } from 'node:events';
import { spawn, type ChildProcess } from 'node:child_process';

const HOLD = `
  import { DuckDBInstance } from '@duckdb/node-api';
  const instance = await DuckDBInstance.create(process.argv[1]);
  const connection = await instance.connect();
  const tables = await connection.runAndReadAll('SELECT table_name FROM duckdb_tables() ORDER BY 1');
  console.log(JSON.stringify(tables.getRowsJson().flat()));
  process.stdin.on('end', () => process.exit()).resume();`;

/** Another process that has a DuckDB file open, as the DuckDB CLI or a second worker would. */
export class OtherProcess {
  private constructor(
    private readonly child: ChildProcess,
    /** Names of the tables that it found. */
    readonly tables: readonly string[],
  ) {}

  static async open(path: string): Promise<OtherProcess> {
    const child = spawn(process.execPath, ['--input-type=module', '-e', HOLD, path], {
      cwd: import.meta.dirname,
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const [output] = (await Promise.race([
      once(child.stdout, 'data'),
      once(child, 'exit').then(() => Promise.reject(new Error('The other process could not open the file'))),
    ])) as [Buffer];
    return new OtherProcess(child, JSON.parse(output.toString()) as string[]);
  }

  /** Dies as a process does that is killed. */
  async kill(): Promise<void> {
    const exited = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await exited;
  }

  /** Lets go of the file. Safe to call again. */
  async close(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const exited = once(this.child, 'exit');
    this.child.stdin!.end();
    await exited;
  }
}
