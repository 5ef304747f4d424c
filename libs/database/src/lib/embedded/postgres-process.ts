import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, readFile, rename } from 'node:fs/promises';
import { CHILD_ENVIRONMENT, commandLine, type Account } from './account.ts';
import { shutDownPostgres } from './postgres-shutdown.ts';

const LOG_TAIL_LINES = 15;

/** What a server is started with. */
export interface ServerOptions {
  /** Path of the program `postgres`. */
  readonly postgres: string;
  readonly cluster: string;
  readonly account: Account;
  readonly settings: Readonly<Record<string, string>>;
  /** Where the server's own log goes; the log of the run before is kept beside it as `<logFile>.1`. */
  readonly logFile: string;
}

/** A PostgreSQL server that is a child of this process. */
export class PostgresProcess {
  /** Resolves when the server has ended, however that came about, with a sentence on how and why. */
  readonly ended: Promise<string>;
  readonly pid: number;
  private running = true;
  private readonly logFile: string;

  private constructor(pid: number, exit: Promise<unknown[]>, logFile: string) {
    this.pid = pid;
    this.logFile = logFile;
    this.ended = exit.then(async ([code, signal]) => {
      this.running = false;
      return `PostgreSQL ended with ${signal ? `signal ${String(signal)}` : `exit code ${String(code)}`}. ${await this.logTail()}`;
    });
  }

  /** @throws Error when the program cannot be started; that it listens is for the caller to find out. */
  static async start({
    postgres,
    cluster,
    account,
    settings,
    logFile,
  }: ServerOptions): Promise<PostgresProcess> {
    await rename(logFile, `${logFile}.1`).catch(() => undefined);
    const log = await open(logFile, 'w', 0o600);
    try {
      const options = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
      const [file, args] = commandLine(account, postgres, ['-D', cluster, ...options]);
      const child = spawn(file, args, {
        ...account.user,
        cwd: cluster,
        env: CHILD_ENVIRONMENT,
        // A process group of its own: Ctrl-C at the terminal must reach the service alone, which stops us last.
        detached: true,
        stdio: ['ignore', log.fd, log.fd],
      });
      const exit = once(child, 'exit');
      await Promise.race([once(child, 'spawn'), exit]);
      return new PostgresProcess(child.pid!, exit, logFile);
    } finally {
      await log.close();
    }
  }

  get isRunning(): boolean {
    return this.running;
  }

  /** The last lines that the server wrote, introduced by where they come from. */
  async logTail(): Promise<string> {
    const log = await readFile(this.logFile, 'utf8').catch(() => '');
    const tail = log.trimEnd().split('\n').slice(-LOG_TAIL_LINES).join('\n');
    return `The end of its log, ${this.logFile}:\n${tail}`;
  }

  /** Ends the server and waits for that; does nothing when it has ended already. */
  async stop(): Promise<void> {
    if (this.running) await shutDownPostgres(this.pid, () => !this.running);
  }
}
