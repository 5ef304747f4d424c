import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { EMULATOR_FOLDER, whyNoEmulator } from './emulator-installation.ts';

const START_TIMEOUT_MS = 120_000;
const STOP_TIMEOUT_MS = 10_000;

/** A BigQuery on 127.0.0.1: a process of its own, without any dataset at first. */
export interface BigQueryEmulator {
  /** The endpoint for `apiEndpoint`. */
  readonly url: string;
  /** Ends the process and waits for that. Safe to call again. */
  stop(): Promise<void>;
}

/** How the emulator behaves. */
export interface EmulatorOptions {
  /** How long a transaction is in the way of others that change the same table. Default 50. */
  readonly transactionMs?: number;
}

/**
 * Starts the emulator on a free port, and waits until it answers. It ends with this process, too, however that ends.
 * @throws Error when it is not installed, with how to install it; when it ends, with what it wrote.
 */
export async function startBigQueryEmulator({
  transactionMs = 50,
}: EmulatorOptions = {}): Promise<BigQueryEmulator> {
  const missing = whyNoEmulator();
  if (missing !== undefined) throw new Error(missing);
  const child = spawn(join(EMULATOR_FOLDER, '.venv/bin/python'), ['-B', 'launch.py', String(transactionMs)], {
    cwd: EMULATOR_FOLDER,
    // Its settings come from BQEMU_* variables, too.
    env: { LC_ALL: 'C.UTF-8', TMPDIR: process.env.TMPDIR },
    stdio: 'pipe',
  });
  const ended = once(child, 'exit');
  const complaints = text(child.stderr);
  const stop = (): Promise<void> => stopProcess(child, ended);
  try {
    const url = await Promise.race([
      urlFrom(child),
      ended.then(async () => {
        throw new Error(`The BigQuery emulator did not start:\n${await complaints}`);
      }),
    ]);
    return { url, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The launcher writes one line when the emulator answers. */
async function urlFrom({ stdout }: ChildProcess): Promise<string> {
  const signal = AbortSignal.timeout(START_TIMEOUT_MS);
  const [line] = (await once(createInterface(stdout!), 'line', { signal })) as [string];
  return (JSON.parse(line) as { url: string }).url;
}

async function stopProcess(child: ChildProcess, ended: Promise<unknown>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.stdin!.end();
  const late = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
  await ended;
  clearTimeout(late);
}
