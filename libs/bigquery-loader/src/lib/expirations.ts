import type { TableMetadata } from '@google-cloud/bigquery';
import { PipelineError, type UtcDate } from '@pipelines/pipeline';

const DAY_MS = 24 * 60 * 60 * 1_000;

/** Whether the table, or a partition of it, is removed by itself some day. */
export function expires({ expirationTime, timePartitioning }: TableMetadata): boolean {
  return isSet(expirationTime) || isSet(timePartitioning?.expirationMs);
}

/**
 * The change that takes a table's expirations away. A new table takes those of its dataset unless it has some of its own,
 * and null counts as none of its own; of a table that is there, null takes them away.
 */
export function withoutExpirations({ timePartitioning }: TableMetadata): TableMetadata {
  const none = null as unknown as string;
  return {
    expirationTime: none,
    ...(timePartitioning && { timePartitioning: { ...timePartitioning, expirationMs: none } }),
  };
}

/**
 * Refuses a table that would lose what is loaded into it: whole, or the partitions of the first day or later at once.
 * @throws PipelineError `configuration_invalid` with the statement that takes the expiration away.
 */
export function assertLasts(name: string, table: TableMetadata, firstDay: UtcDate): void {
  const { expirationTime, timePartitioning } = table;
  if (isSet(expirationTime)) {
    const day = new Date(Number(expirationTime)).toISOString().slice(0, 10);
    throw expiring(name, `Table ${name} expires on ${day}`, 'expiration_timestamp', { expires_on: day });
  }
  const { expirationMs } = timePartitioning ?? {};
  if (!isSet(expirationMs) || Date.parse(firstDay) + Number(expirationMs) > Date.now()) return;
  const days = Number(expirationMs) / DAY_MS;
  throw expiring(
    name,
    `Partitions of table ${name} expire after ${days} days, and the load begins with ${firstDay}`,
    'partition_expiration_days',
    { expiration_days: days },
  );
}

function expiring(name: string, what: string, option: string, facts: object): PipelineError {
  return new PipelineError(
    'configuration_invalid',
    `${what}: its rows would be gone. Take the expiration away (ALTER TABLE \`${name}\` SET OPTIONS (${option} = NULL)), or load into another table.`,
    { facts: { table: name, ...facts } },
  );
}

function isSet(value: string | number | null | undefined): boolean {
  return value !== undefined && value !== null && Number(value) > 0;
}
