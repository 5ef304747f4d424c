import type { Column, LoadTarget, TableSchema } from '@pipelines/pipeline';
import { locateProblems } from '../check/locate-problems.ts';
import type { FieldProblem } from '../config-problem.ts';
import { canonicalJson } from '../run/canonical-json.ts';
import type { LoadedPipeline, Writer } from './load-pipeline.ts';
import { pathOf } from './pipeline-identity.ts';

/**
 * Refuses the pipelines that write to one table and cannot share it. A pipeline changes its own rows only, so that several
 * may share a table; but it has one shape, readers add up all of its rows, and the first to write decides how it is laid out.
 */
export function checkSharedTables(pipelines: readonly LoadedPipeline[]): readonly LoadedPipeline[] {
  const byTable = Map.groupBy(pipelines, ({ writer }) => writer && tableOf(writer.target));
  return pipelines.map((loaded) => {
    const { entry, writer, source } = loaded;
    if (!writer || !source) return loaded;
    const found = byTable
      .get(tableOf(writer.target))!
      .filter((other) => other !== loaded)
      .flatMap((other) => conflicts(writer, other.writer!, pathOf(other.entry)));
    if (found.length === 0) return loaded;
    return { entry: { ...entry, problems: locateProblems(source, found) }, source };
  });
}

function tableOf({ dataset, table }: LoadTarget): string {
  return `${dataset}.${table}`;
}

/** What keeps a writer from sharing its table with the other, named by its path. */
function conflicts(writer: Writer, other: Writer, path: string): FieldProblem[] {
  if (canonicalJson(shapeOf(writer.schema)) !== canonicalJson(shapeOf(other.schema))) {
    return [
      problem(
        'table',
        `${path} loads rows with other columns into this table. Give each a table of its own.`,
      ),
    ];
  }
  if (canonicalJson(accountOf(writer)) === canonicalJson(accountOf(other))) {
    const advice = 'Keep one of them, or name another credential in "credentials".';
    return [
      problem(
        'table',
        `${path} loads the same rows into this table, so that they would count twice. ${advice}`,
      ),
    ];
  }
  return LAYOUT.filter(({ of }) => canonicalJson(of(writer)) !== canonicalJson(of(other))).map(
    ({ field, of }) => {
      const theirs = canonicalJson(of(other) ?? null);
      return problem(
        field,
        `${path} writes to the same table with ${theirs}. Make them agree, or give each a table of its own.`,
      );
    },
  );
}

/** What all writers of a table must have in common, by the field that says so. */
const LAYOUT: readonly { readonly field: string; of(writer: Writer): unknown }[] = [
  { field: 'write_disposition', of: ({ target }) => target.writeDisposition },
  { field: 'merge_key', of: ({ target }) => target.mergeKey },
  { field: 'partition', of: ({ target, schema }) => target.partitionBy ?? schema.windowColumn },
  { field: 'cluster', of: ({ target }) => target.clusterBy },
];

/** Whose rows are loaded. Equal accounts load equal rows. */
function accountOf({ processorClass, options, credentials }: Writer): unknown {
  return { processorClass, options: { ...options }, credentials };
}

function shapeOf({ columns, windowColumn }: TableSchema): unknown {
  return { columns: columns.map(fieldOf), windowColumn };
}

function fieldOf({ name, type, mode = 'NULLABLE', fields = [] }: Column): unknown {
  return { name, type, mode, fields: fields.map(fieldOf) };
}

const problem = (field: string, message: string): FieldProblem => ({
  field: `target.${field}`,
  message: `target.${field}: ${message}`,
});
