import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedPostgres } from '../lib/embedded/embedded-postgres.ts';
import { dropDatabasesOfRun } from './database-admin.ts';

/** Jest loads setup and teardown apart; what one leaves for the other lies on the global object. */
const shared = globalThis as { endTestServer?: () => Promise<void> };

/**
 * Provides the PostgreSQL of this test run and tells the workers by `TEST_POSTGRES_URL` and `TEST_RUN`: the server
 * that `TEST_POSTGRES_URL` names already, or a throw-away one. A second call changes nothing.
 */
export async function startTestServer(): Promise<void> {
  if (shared.endTestServer) return;
  process.env.TEST_RUN = randomBytes(4).toString('hex');
  const external = process.env.TEST_POSTGRES_URL;
  shared.endTestServer = external ? () => dropDatabasesOfRun(external) : await startThrowAwayServer();
}

/** Ends what {@link startTestServer} began. A second call does nothing. */
export async function stopTestServer(): Promise<void> {
  await shared.endTestServer?.();
  shared.endTestServer = undefined;
}

async function startThrowAwayServer(): Promise<() => Promise<void>> {
  const dataDirectory = await mkdtemp(join(tmpdir(), 'pipelines-test-'));
  // PostgreSQL may run as another user when we are root, and a temporary directory is closed to others.
  await chmod(dataDirectory, 0o755);
  const { url, stop } = await startEmbeddedPostgres({
    dataDirectory,
    settings: { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' },
  });
  process.env.TEST_POSTGRES_URL = url;
  const end = async (): Promise<void> => {
    delete process.env.TEST_POSTGRES_URL;
    await stop();
    await rm(dataDirectory, { recursive: true, force: true });
  };
  // Jest skips the teardown when it is interrupted, and the server does not hear Ctrl-C by itself.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void end().finally(() => process.kill(process.pid, signal)));
  }
  return end;
}
