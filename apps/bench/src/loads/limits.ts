import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { DuckDBInstance } from '@duckdb/node-api';
import type { RunWindow } from '@pipelines/pipeline';
import { costsPage, daysOf } from './costs-page.ts';

/** Pages on disk, as the provider answers with them. */
export interface RecordedPages {
  readonly directory: string;
  readonly count: number;
}

/** What a limit took: time, and processor time of this process. */
export interface Limit {
  readonly seconds: number;
  readonly cpuSeconds: number;
}

/** Writes the pages of one walk over the window, of so many days each. */
export async function recordPages(
  directory: string,
  { start, end }: RunWindow,
  pageDays: number,
  rowsPerDay: number,
): Promise<RecordedPages> {
  await mkdir(directory, { recursive: true });
  const days = daysOf(start, end);
  const count = Math.ceil(days.length / pageDays);
  for (let page = 0; page < count; page++) {
    const text = costsPage({
      days: days.slice(page * pageDays, (page + 1) * pageDays),
      rowsPerDay,
      next: page + 1 < count ? String(page + 1) : undefined,
    });
    await pipeline(Readable.from(text), createWriteStream(join(directory, `page-${page}.json`)));
  }
  return { directory, count };
}

/** Fetches every page from the provider and throws it away. */
export function download(url: string, { count }: RecordedPages): Promise<Limit> {
  return measured(async () => {
    for (let page = 0; page < count; page++) {
      const { body } = await fetch(`${url}/organization/costs?page=${page}`);
      for await (const chunk of body!) void chunk;
    }
  });
}

/**
 * DuckDB's `read_json` of the pages into a table in memory. The columns are given: with those that it finds out by
 * itself, amounts would be binary floats.
 */
export async function readJson({ directory }: RecordedPages, rows: number): Promise<Limit> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '2' });
  try {
    const connection = await instance.connect();
    try {
      const limit = await measured(async () => {
        await connection.run(`CREATE TABLE pages AS SELECT data FROM read_json('${directory}/*.json',
          maximum_object_size = 268435456, columns = {data: 'STRUCT(start_time BIGINT, results STRUCT(
            amount STRUCT("value" VARCHAR, currency VARCHAR), line_item VARCHAR, project_id VARCHAR, api_key_id VARCHAR,
            quantity VARCHAR, quantity_unit VARCHAR)[])[]'})`);
      });
      const read = await connection.runAndReadAll(
        'SELECT sum(len(day.results)) FROM (SELECT unnest(data) AS day FROM pages)',
      );
      if (Number(read.getRowsJS()[0]![0]) !== rows) throw new Error('read_json did not read every row.');
      return limit;
    } finally {
      connection.closeSync();
    }
  } finally {
    instance.closeSync();
  }
}

async function measured(work: () => Promise<void>): Promise<Limit> {
  const startedAt = performance.now();
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return { seconds: (performance.now() - startedAt) / 1e3, cpuSeconds: (user + system) / 1e6 };
}
