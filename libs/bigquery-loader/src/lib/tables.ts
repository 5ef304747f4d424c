import type { BigQuery, Table, TableMetadata } from '@google-cloud/bigquery';
import {
  columnsToAdd,
  PipelineError,
  type EarlierLoad,
  type Load,
  type SpannedLoad,
} from '@pipelines/pipeline';
import { hasStatus, toPipelineError } from './bigquery.errors.ts';
import { assertLasts, expires, withoutExpirations } from './expirations.ts';
import { LEDGER_FIELDS, LEDGER_TABLE } from './commit-ledger.ts';
import { everyRow } from './partition-filter.ts';
import { datasetLabels, tableLabels } from './job-labels.ts';
import { bigQueryType, targetColumns, toExistingColumns, toFields } from './schema-mapping.ts';
import { quoteColumn, quoteTable, stagingTable } from './table-names.ts';

const STAGING_LIFETIME_MS = 24 * 60 * 60 * 1_000;

/** Datasets and tables of loads: created when missing, widened when older than the schema. */
export class Tables {
  constructor(
    private readonly client: BigQuery,
    private readonly location: string,
  ) {}

  /**
   * @throws PipelineError `configuration_invalid` when the dataset lies in another location, which is for ever.
   */
  async ensureDataset(load: Load): Promise<void> {
    const { target } = load;
    const dataset = this.client.dataset(target.dataset);
    const existing = await found(dataset.getMetadata());
    if (!existing) {
      await unlessExisting(
        this.client.createDataset(target.dataset, { location: this.location, labels: datasetLabels(load) }),
      );
      return;
    }
    const { location } = existing[0] as { location?: string };
    if (location?.toLowerCase() !== this.location.toLowerCase()) {
      throw new PipelineError(
        'configuration_invalid',
        `Dataset ${target.dataset} lies in ${location}, but the organization loads into ${this.location}. Change its warehouse location (or BIGQUERY_LOCATION, where it has none), or load into a new dataset.`,
      );
    }
  }

  /**
   * @throws PipelineError `configuration_invalid` when the target exists and would lose what is loaded into it.
   */
  async assertTargetLasts(load: Load): Promise<void> {
    const existing = await found(this.targetOf(load).getMetadata());
    if (existing) assertLasts(nameOf(load), existing[0] as TableMetadata, load.window.start);
  }

  /** The attempt's staging table; BigQuery removes it after a day. */
  async createStaging(load: Load): Promise<void> {
    await unlessExisting(
      this.client.dataset(load.target.dataset).createTable(stagingTable(load), {
        schema: { fields: toFields(load.schema.columns) },
        expirationTime: String(Date.now() + STAGING_LIFETIME_MS),
        labels: tableLabels(load),
      }),
    );
  }

  /** The ledger of the dataset's commits, clustered by run, so that finding one reads little. */
  async ensureLedger({ target }: Load): Promise<void> {
    const ledger = this.client.dataset(target.dataset).table(LEDGER_TABLE);
    const existing = await found(ledger.getMetadata());
    if (existing) await this.keep(ledger, existing[0] as TableMetadata);
    else {
      await this.create(ledger, {
        description: 'Runs that have committed to a table of this dataset. A run commits once; keep its row.',
        schema: { fields: [...LEDGER_FIELDS] },
        clustering: { fields: ['run_id'] },
      });
    }
  }

  async dropStaging(load: EarlierLoad): Promise<void> {
    await found(this.client.dataset(load.target.dataset).table(stagingTable(load)).delete());
  }

  /**
   * Creates the target when it is missing, without any expiration, and adds the nullable columns that it lacks.
   * @returns The target as it was found; undefined when it was created.
   * @throws PipelineError `schema_mismatch` when it differs otherwise, `configuration_invalid` when it would lose rows.
   */
  async ensureTarget(load: SpannedLoad): Promise<TableMetadata | undefined> {
    const table = this.targetOf(load);
    const existing = await found(table.getMetadata());
    if (!existing) {
      await this.createTarget(load);
      return undefined;
    }
    const metadata = existing[0] as TableMetadata;
    const days = [load.window, ...(load.spans ?? [])].map(({ start }) => start).sort();
    assertLasts(nameOf(load), metadata, days[0]!);
    await this.widen(table, metadata, load);
    return metadata;
  }

  /**
   * Creates the target's views when they are missing, and changes those that show other columns.
   * @param shown The target as it is; what it requires of queries, its views do for those who read them.
   * @throws PipelineError `schema_mismatch` when a view's name is that of a table.
   */
  async ensureViews(project: string, load: Load, shown: TableMetadata = {}): Promise<void> {
    const { schema, target } = load;
    const condition = everyRow(shown);
    for (const { name, columns, description } of schema.views ?? []) {
      const query = `SELECT ${columns.map(quoteColumn).join(', ')} FROM ${quoteTable(project, load, target.table)}${condition ? ` WHERE ${condition()}` : ''}`;
      const table = this.client.dataset(target.dataset).table(name);
      const definition = { description, view: { query, useLegacySql: false }, labels: tableLabels(load) };
      const existing = await found(table.getMetadata());
      if (!existing) {
        await this.create(table, definition);
        continue;
      }
      const { view, etag } = existing[0] as TableMetadata & { view?: { query: string } };
      if (view === undefined) throw notAView(`${target.dataset}.${name}`);
      if (view.query !== query) await accepted(table.setMetadata({ etag, ...definition }));
    }
  }

  private async createTarget(load: Load): Promise<void> {
    const { schema, target } = load;
    const partitionBy = target.partitionBy ?? schema.windowColumn;
    await this.create(this.targetOf(load), {
      description: schema.description,
      schema: { fields: toFields(targetColumns(schema.columns)) },
      ...(partitionBy && { timePartitioning: { type: 'DAY', field: partitionBy } }),
      ...(target.clusterBy?.length && { clustering: { fields: [...target.clusterBy] } }),
      labels: tableLabels(load),
    });
  }

  private targetOf({ target }: Load): Table {
    return this.client.dataset(target.dataset).table(target.table);
  }

  /** Creates a table that stays, whatever its dataset has as default expirations. */
  private async create(table: Table, definition: TableMetadata): Promise<void> {
    await unlessExisting(table.create(definition));
    const [created] = (await table.getMetadata()) as [TableMetadata, unknown];
    await this.keep(table, created);
  }

  private async keep(table: Table, metadata: TableMetadata): Promise<void> {
    if (expires(metadata)) {
      await accepted(table.setMetadata({ etag: metadata.etag, ...withoutExpirations(metadata) }));
    }
  }

  private async widen(
    table: Table,
    { schema, etag }: TableMetadata,
    { schema: wanted, target }: Load,
  ): Promise<void> {
    const fields = (schema as { fields?: object[] } | undefined)?.fields ?? [];
    const added = columnsToAdd(
      `${target.dataset}.${target.table}`,
      targetColumns(wanted.columns),
      toExistingColumns(fields),
      bigQueryType,
    );
    if (added.length === 0) return;
    // The etag makes BigQuery refuse when somebody else widened the table meanwhile.
    const change = { etag, schema: { fields: [...fields, ...toFields(added)] } };
    await accepted(table.setMetadata(change));
  }
}

function nameOf({ target }: Load): string {
  return `${target.dataset}.${target.table}`;
}

function notAView(name: string): PipelineError {
  return new PipelineError(
    'schema_mismatch',
    `${name} must become a view, but is a table. Rename the table, or load into another dataset.`,
    { facts: { table: name } },
  );
}

async function accepted(change: Promise<unknown>): Promise<void> {
  try {
    await change;
  } catch (error) {
    throw toPipelineError(error);
  }
}

/** The answer, or undefined when there is no such thing. */
async function found<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (hasStatus(error, 404)) return undefined;
    throw toPipelineError(error);
  }
}

/** Somebody else may create the same thing at the same time, or a lost answer be asked for again. */
async function unlessExisting(creation: Promise<unknown>): Promise<void> {
  try {
    await creation;
  } catch (error) {
    if (!hasStatus(error, 409)) throw toPipelineError(error);
  }
}
