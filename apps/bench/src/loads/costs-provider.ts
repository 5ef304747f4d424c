import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const SERVER = fileURLToPath(new URL('costs-server.js', import.meta.url));

/** A provider of costs in a process of its own, so that its memory and time are not counted with the service's. */
export class CostsProvider {
  private constructor(
    private readonly child: ChildProcess,
    /** Base URL of the API, with its version. */
    readonly url: string,
  ) {}

  /**
   * @param recorded Directory of the pages to answer with; without it they are made while they are sent.
   * @throws Error when the process ends instead of serving.
   */
  static async start(rowsPerDay: number, recorded?: string): Promise<CostsProvider> {
    const child = fork(SERVER, [String(rowsPerDay), ...(recorded === undefined ? [] : [recorded])]);
    const ended = once(child, 'exit').then(([code]) => {
      throw new Error(`The provider of costs ended at its start with ${String(code)}.`);
    });
    const [url] = (await Promise.race([once(child, 'message'), ended])) as [string];
    ended.catch(() => undefined);
    return new CostsProvider(child, url);
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const exited = once(this.child, 'exit');
    this.child.disconnect();
    await exited;
  }
}
