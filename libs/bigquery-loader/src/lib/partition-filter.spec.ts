import { describe, expect, it } from '@jest/globals';
import { everyRow, readableTable } from './partition-filter.ts';

const tableBy = (type: string, mode: string, requirePartitionFilter = true) => ({
  timePartitioning: { type: 'DAY', field: 'Day' },
  requirePartitionFilter,
  schema: { fields: [{ name: 'day', type, mode }] },
});

describe('everyRow', () => {
  it.each([
    ['DATE', 'REQUIRED', 't.`Day` IS NOT NULL'],
    ['DATE', 'NULLABLE', "(t.`Day` IS NULL OR t.`Day` >= DATE '0001-01-01')"],
    ['TIMESTAMP', 'NULLABLE', "(t.`Day` IS NULL OR t.`Day` >= TIMESTAMP '0001-01-01')"],
  ])('keeps every row of a table that is partitioned by a %s, %s', (type, mode, condition) => {
    expect(everyRow(tableBy(type, mode))!('t.')).toBe(condition);
  });

  it('goes by the day of ingestion where no column is named', () => {
    const table = { timePartitioning: { type: 'DAY', requirePartitionFilter: true } };

    expect(everyRow(table)!()).toBe("_PARTITIONTIME >= TIMESTAMP '1970-01-01'");
  });

  it('asks for nothing where no filter is required', () => {
    expect(everyRow(tableBy('DATE', 'NULLABLE', false))).toBeUndefined();
    expect(everyRow({ schema: { fields: [] } })).toBeUndefined();
  });
});

describe('readableTable', () => {
  it('is the name, or all rows by a filter', () => {
    expect(readableTable('`t`', tableBy('DATE', 'REQUIRED', false))).toBe('`t`');
    expect(readableTable('`t`', tableBy('DATE', 'REQUIRED'))).toBe(
      '(SELECT `day` FROM `t` WHERE `Day` IS NOT NULL)',
    );
  });

  it('is the name of a table that is partitioned by ingestion, whose day no subquery would show', () => {
    const table = { timePartitioning: { type: 'DAY' }, requirePartitionFilter: true };

    expect(readableTable('`t`', table)).toBe('`t`');
  });
});
