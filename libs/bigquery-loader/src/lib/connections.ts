import type { BigQuery } from '@google-cloud/bigquery';
import type { EarlierLoad } from '@pipelines/pipeline';
import { createBigQueryClient } from './bigquery-client.factory.ts';
import type { BigQueryLoaderOptions } from './bigquery-loader.options.ts';
import { Jobs } from './jobs.ts';
import { readServiceAccount } from './service-account.ts';
import { Tables } from './tables.ts';

/** A client holds a token and a few buffers; the least recently used ones of more organizations are made anew. */
const MOST_CONNECTIONS = 100;

/** What the verbs work with, for one organization. */
export interface Connection {
  readonly client: BigQuery;
  readonly jobs: Jobs;
  readonly tables: Tables;
  readonly project: string;
  readonly location: string;
}

/** Whose connection it is; without a credential it is opened with the service's own identity. */
export type ConnectionOwner = Partial<Pick<EarlierLoad, 'org' | 'place' | 'credential'>>;

/**
 * One client per place and version of an organization's credential, so that no organization's requests ever carry
 * another's token. Made at first use, because the client is imported lazily.
 */
export class Connections {
  /** In the order of their last use. */
  private readonly open = new Map<string, Promise<Connection>>();

  constructor(
    private readonly options: BigQueryLoaderOptions,
    private readonly most = MOST_CONNECTIONS,
  ) {}

  /** @throws PipelineError `credential_malformed` when the credential is no service-account key. */
  async of({ org, place, credential }: ConnectionOwner): Promise<Connection> {
    const project = place?.project ?? this.options.projectId;
    const location = place?.location ?? this.options.location;
    const account = credential && readServiceAccount(credential);
    const owner = account && [org, credential.name, credential.version, account.email, account.keyId];
    const key = JSON.stringify([project, location, owner]);
    const connection =
      this.open.get(key) ??
      createBigQueryClient({ ...this.options, projectId: project, location }, account).then((client) => ({
        client,
        jobs: new Jobs(client, location, this.options.pollIntervalMs ?? 500),
        tables: new Tables(client, location),
        project,
        location,
      }));
    this.open.delete(key);
    this.open.set(key, connection);
    if (this.open.size > this.most) this.open.delete(this.open.keys().next().value!);
    return connection;
  }
}
