import { chmod, mkdir, realpath } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { chooseAccount, findClosed, requireReachable, type Account } from './account.ts';
import { clusterDirectory, openCluster } from './cluster.ts';
import { claimInstance } from './instance-claim.ts';
import { copyBinaries, findCluster, linkCluster } from './own-place.ts';
import { findPostgresBinaries, type PostgresBinaries } from './postgres-binaries.ts';
import { PostgresProcess } from './postgres-process.ts';
import { shutDownLeftover } from './postgres-shutdown.ts';
import { untilAnswering } from './readiness.ts';
import { explainStartFailure } from './start-failure.ts';

const HOST = '127.0.0.1';

/** How the embedded PostgreSQL is started. */
export interface EmbeddedPostgresOptions {
  /**
   * Directory of ours, created when missing: the cluster lies in `postgres/`, or where that link points, beside its log
   * and password.
   */
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
  /** What an operator should know of where PostgreSQL lies and whom it runs as; undefined when that is as usual. */
  readonly notice: string | undefined;
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
    const created = await mkdir(options.dataDirectory, { recursive: true });
    if (created !== undefined) await chmod(options.dataDirectory, 0o700);
    const dataDirectory = await realpath(options.dataDirectory);
    const release = await claimInstance(dataDirectory);
    try {
      const server = await startServer({ ...options, dataDirectory }, created !== undefined);
      let stopped: Promise<void> | undefined;
      const stop = (): Promise<void> => (stopped ??= server.process.stop().then(release));
      void server.process.ended.then((reason) => stopped ?? options.onExit?.(new Error(reason)));
      return { url: server.url, pid: server.process.pid, notice: server.notice, stop };
    } catch (error) {
      await release();
      throw error;
    }
  } catch (error) {
    throw explainStartFailure(error, options.dataDirectory);
  }
}

interface RunningServer {
  readonly url: string;
  readonly process: PostgresProcess;
  readonly notice: string | undefined;
}

/** @param isNew whether the data directory is ours to open. */
async function startServer(options: EmbeddedPostgresOptions, isNew: boolean): Promise<RunningServer> {
  const { dataDirectory, settings = {}, log = () => undefined } = options;
  const binaries = await findPostgresBinaries();
  const account = await chooseAccount([binaries.postgres, dataDirectory]);
  // It lets the other user pass, not look.
  if (isNew && account.user) await chmod(dataDirectory, 0o711);
  const { initdb, postgres, directory, notice } = await place(account, binaries, dataDirectory);
  await shutDownLeftover(directory, log);
  const durable = settings.fsync !== 'off';
  const password = await openCluster({ dataDirectory, directory, initdb, account, durable, log });
  const port = settings.port ?? String(await freePort());
  const process = await PostgresProcess.start({
    postgres,
    cluster: directory,
    account,
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
  return { url, process, notice };
}

/** Where PostgreSQL's programs and cluster lie: where npm and DATA_DIR have them, if the account can reach that. */
async function place(
  account: Account,
  binaries: PostgresBinaries,
  dataDirectory: string,
): Promise<PostgresBinaries & { readonly directory: string; readonly notice: string | undefined }> {
  const existing = await findCluster(dataDirectory);
  const usual = { ...binaries, directory: existing ?? clusterDirectory(dataDirectory), notice: undefined };
  if (!account.user) return usual;
  const isClosed = async (path: string): Promise<boolean> =>
    (await findClosed(account, [path])) !== undefined;
  const programs = (await isClosed(binaries.postgres)) ? await copyBinaries(binaries) : binaries;
  const directory =
    existing ?? ((await isClosed(dataDirectory)) ? await linkCluster(dataDirectory) : usual.directory);
  await requireReachable(account, programs.postgres, 'set DATABASE_URL to a PostgreSQL of your own');
  await requireReachable(
    account,
    dirname(directory),
    'set DATA_DIR to a directory which that user can reach',
  );
  const notice =
    'PostgreSQL refuses to run as root, and no user namespace that reaches its files is allowed here. ' +
    `It runs as user "postgres", its programs from ${dirname(programs.postgres)} and its data in ${directory}.`;
  return { ...programs, directory, notice };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((listening) => server.listen(0, HOST, listening));
  const { port } = server.address() as AddressInfo;
  await new Promise((closed) => server.close(closed));
  return port;
}
