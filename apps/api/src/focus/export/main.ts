import 'reflect-metadata';
import { rm } from 'node:fs/promises';
import type { TakeRows } from '@pipelines/pipeline';
import { exportFocus, FOCUS_VERSIONS, focusColumns, type FocusColumn } from '@pipelines/processors-unified';
import { parseOptions, runOnDataset, UsageError } from '../focus-command.ts';
import { CsvFile } from './csv-file.ts';
import { csvToParquet } from './parquet-file.ts';

/**
 * `focus:export -- --org acme_corp --format csv|parquet --out FILE [--version 1.2|1.4]` writes the organization's charges
 * for other tools, in the formats of the specification.
 */
const values = parseOptions({
  org: { type: 'string' },
  format: { type: 'string', default: 'csv' },
  out: { type: 'string' },
  version: { type: 'string', default: '1.2' },
});

process.exitCode = await runOnDataset(process.env, values.org, async ({ warehouse, access }) => {
  const { format, out } = values;
  const version = FOCUS_VERSIONS.find((known) => known === values.version);
  if (version === undefined) throw new UsageError(`--version takes one of: ${FOCUS_VERSIONS.join(', ')}.`);
  if (format !== 'csv' && format !== 'parquet') throw new UsageError('--format takes csv or parquet.');
  if (out === undefined) throw new UsageError('Name the file to write: --out focus.csv');
  const csv = format === 'csv' ? out : `${out}.csv.tmp`;
  const columns = focusColumns(version);
  try {
    const rows = await writeCsv(csv, columns, (take) => exportFocus(warehouse, access, version, take));
    const rounded = format === 'parquet' ? await csvToParquet(csv, out, columns) : 0;
    if (rounded > 0) {
      console.warn(
        `${rounded} values were rounded to the fraction digits of Parquet; a CSV file has them all.`,
      );
    }
    console.log(`${rows} rows of ${access.target.dataset} in the columns of FOCUS ${version}: ${out}`);
    return 0;
  } finally {
    if (format === 'parquet') await rm(csv, { force: true });
  }
});

async function writeCsv(
  path: string,
  columns: readonly FocusColumn[],
  read: (take: TakeRows) => Promise<void>,
): Promise<number> {
  const file = await CsvFile.create(
    path,
    columns.map(({ name }) => name),
  );
  try {
    await read((rows) => file.append(rows));
  } finally {
    await file.close();
  }
  return file.rows;
}
