import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { openSync, closeSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { setTimeout as delay } from 'node:timers/promises';

const ENTRY = fileURLToPath(new URL('../../../apps/api/dist/bundle/main.js', import.meta.url));
const START_DEADLINE_MS = 45_000;
const POLL_MS = 50;
/** Something else may hold the port and never answer. */
const PROBE_TIMEOUT_MS = 3_000;
const PRINT_DEADLINE_MS = 5_000;
/** Longer than runs under way have by default. */
const STOP_DEADLINE_MS = 60_000;

/** The built service as a process of its own, as it runs anywhere else. */
export class ServiceProcess {
  private constructor(
    readonly baseUrl: string,
    private readonly child: ChildProcess,
    private readonly logPath: string,
  ) {}

  /**
   * Starts the service on 127.0.0.1 with exactly these environment variables beside PATH, and waits until it is
   * ready. What it prints goes to the file.
   * @throws Error with the end of its output when it ends at its start or is not ready in time.
   */
  static async start(
    environment: Readonly<Record<string, string>>,
    port: number,
    logPath: string,
  ): Promise<ServiceProcess> {
    const log = openSync(logPath, 'w');
    const child = spawn(process.execPath, [ENTRY], {
      env: { PATH: process.env.PATH, HOST: '127.0.0.1', ...environment, PORT: String(port) },
      stdio: ['ignore', log, log],
      // Ctrl-C reaches the parent alone, which then stops the service in order.
      detached: true,
    });
    closeSync(log);
    const service = new ServiceProcess(`http://127.0.0.1:${port}`, child, logPath);
    const deadline = Date.now() + START_DEADLINE_MS;
    while (!(await service.isReady())) {
      if (!service.runs) throw new Error(`The service ended at its start:\n${service.output.slice(-2000)}`);
      if (Date.now() > deadline) {
        const output = service.output.slice(-2000);
        await service.stop();
        throw new Error(`The service was not ready in time:\n${output}`);
      }
      await delay(POLL_MS);
    }
    return service;
  }

  get pid(): number {
    return this.child.pid!;
  }

  /** Everything the service has printed so far. */
  get output(): string {
    return readFileSync(this.logPath, 'utf8');
  }

  /**
   * Waits until the service has printed something that matches; resolves with the first group.
   * @throws Error when it does not in time.
   */
  async untilPrinted(pattern: RegExp): Promise<string> {
    const deadline = Date.now() + PRINT_DEADLINE_MS;
    while (Date.now() < deadline) {
      const match = pattern.exec(this.output);
      if (match?.[1] !== undefined) return match[1];
      await delay(POLL_MS);
    }
    throw new Error(`The service never printed ${String(pattern)}:\n${this.output.slice(-2000)}`);
  }

  /** Stops the service and all that it started, by force when it takes too long; resolves with its exit code. */
  async stop(): Promise<number | null> {
    const late = setTimeout(() => void this.kill('SIGKILL'), STOP_DEADLINE_MS);
    try {
      return await this.kill('SIGTERM');
    } finally {
      clearTimeout(late);
    }
  }

  /** Sends the signal and waits for the end; resolves with the exit code, null after a signal that kills. */
  async kill(signal: NodeJS.Signals): Promise<number | null> {
    if (this.runs) {
      const exited = once(this.child, 'exit');
      this.child.kill(signal);
      await exited;
    }
    return this.child.exitCode;
  }

  /** Whether the process has not ended. */
  get runs(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  private async isReady(): Promise<boolean> {
    try {
      const signal = AbortSignal.timeout(PROBE_TIMEOUT_MS);
      return (await fetch(`${this.baseUrl}/api/v1/health/ready`, { signal })).ok;
    } catch {
      return false;
    }
  }
}
