import { chmod, mkdir, realpath } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { clusterDirectory, openCluster } from './cluster.ts';
import { claimInstance } from './instance-claim.ts';
import { postgresUser, requireReachable } from './os-user.ts';
import { findPostgresBinaries } from './postgres-binaries.ts';
import { PostgresProcess } from './postgres-process.ts';
import { shutDownLeftover } from './postgres-shutdown.ts';
import { untilAnswering } from './readiness.ts';
import { explainStartFailure } from './start-failure.ts';

const HOST = '127.0.0.1';

/** How the embedded PostgreSQL is started. */
export interface EmbeddedPostgresOptions {
  /** Directory of ours, created when missing: the cluster lies in `postgres/`, beside its log and password. */
  readonly dataDirectory: string;
  /** Receives a sentence about each unusual step. */
  readonly log?: (message: string) => void;
  /** Server settings that differ from ours. `fsync: off` also spares the flush when the cluster is made. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Called when the server ends without `stop()`, with the end of its log in the message. */
  readonly onExit?: (error: Error) => void;
}

/** A running PostgreSQL, listening on 127.0.0.1 alone. */
export interface EmbeddedPostgres {
  /** Connection URL of the superuser, password included. */
  readonly url: string;
  readonly pid: number;
  /** Ends the sessions and the server, and gives the data directory free. Safe to call again. */
  stop(): Promise<void>;
}

/**
 * Starts the PostgreSQL that npm installed, on a free port, and resolves when it answers. A server that a killed
 * process left on the same directory is stopped first.
 *
 * @throws Error saying what stands in the way (directory in use, unreachable, of another user or release, full disk)
 *   and what to do; nothing is left running.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  try {
    const dataDirectory = await ensureDirectory(options.dataDirectory);
    const release = await claimInstance(dataDirectory);
    try {
      const server = await startServer({ ...options, dataDirectory });
      let stopped: Promise<void> | undefined;
      const stop = (): Promise<void> => (stopped ??= server.process.stop().then(release));
      void server.process.ended.then((reason) => stopped ?? options.onExit?.(new Error(reason)));
      return { url: server.url, pid: server.process.pid, stop };
    } catch (error) {
      await release();
      throw error;
    }
  } catch (error) {
    throw explainStartFailure(error, options.dataDirectory);
  }
}

/** As root the directory lets others pass, not look: PostgreSQL's files inside belong to another user. */
async function ensureDirectory(path: string): Promise<string> {
  const created = await mkdir(path, { recursive: true });
  if (created) await chmod(path, process.getuid?.() === 0 ? 0o711 : 0o700);
  return realpath(path);
}

async function startServer(
  options: EmbeddedPostgresOptions,
): Promise<{ readonly url: string; readonly process: PostgresProcess }> {
  const { dataDirectory, settings = {}, log = () => undefined } = options;
  const { initdb, postgres } = await findPostgresBinaries();
  const user = await postgresUser();
  if (user) {
    await requireReachable(user, postgres, 'set DATABASE_URL to a PostgreSQL of your own');
    await requireReachable(user, dataDirectory, 'set DATA_DIR to a directory which that user can reach');
  }
  await shutDownLeftover(clusterDirectory(dataDirectory), log);
  const durable = settings.fsync !== 'off';
  const { directory, password } = await openCluster({ dataDirectory, initdb, user, durable, log });
  const port = settings.port ?? String(await freePort());
  const process = await PostgresProcess.start({
    postgres,
    cluster: directory,
    user,
    settings: {
      listen_addresses: HOST,
      port,
      unix_socket_directories: '',
      max_connections: '200',
      timezone: 'UTC',
      log_timezone: 'UTC',
      ...settings,
    },
    logFile: join(dataDirectory, 'postgres.log'),
  });
  const url = `postgres://postgres:${password}@${HOST}:${port}/postgres`;
  try {
    await untilAnswering(url, process);
  } catch (error) {
    await process.stop();
    throw error;
  }
  return { url, process };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((listening) => server.listen(0, HOST, listening));
  const { port } = server.address() as AddressInfo;
  await new Promise((closed) => server.close(closed));
  return port;
}
