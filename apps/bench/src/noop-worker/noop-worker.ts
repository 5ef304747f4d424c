import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** The worker of no-op runs, as a process of its own. */
export class NoopWorker {
  private constructor(private readonly child: ChildProcess) {}

  /** @throws Error when the process ends instead of getting ready. */
  static async start(
    { DATABASE_URL, CREDENTIALS_KEY }: Readonly<Record<string, string>>,
    concurrency: number,
  ): Promise<NoopWorker> {
    const entry = fileURLToPath(new URL('./main.js', import.meta.url));
    const child = fork(entry, { env: { DATABASE_URL, CREDENTIALS_KEY, CONCURRENCY: String(concurrency) } });
    const ended = once(child, 'exit').then(([code]) => {
      throw new Error(`The worker of no-op runs ended at its start with ${String(code)}.`);
    });
    await Promise.race([once(child, 'message'), ended]);
    ended.catch(() => undefined);
    return new NoopWorker(child);
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const exited = once(this.child, 'exit');
    this.child.kill('SIGTERM');
    await exited;
  }
}
