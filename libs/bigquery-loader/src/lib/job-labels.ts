import type { EarlierLoad, Load } from '@pipelines/pipeline';

const LONGEST_LABEL = 63;

/** Labels of every job and target of a load, by which costs are told apart in the bill. */
export function jobLabels(load: Load): Record<string, string> {
  return { ...tableLabels(load), ...runLabels(load) };
}

/** Labels of what is asked about a load of which no more is known. */
export function runLabels({ org, runId, attempt }: EarlierLoad): Record<string, string> {
  return { org: label(org), run: label(runId), attempt: String(attempt) };
}

/** Labels of a table, which is loaded by many runs. */
export function tableLabels({ org, pipeline }: Load): Record<string, string> {
  return { org: label(org), pipeline: label(pipeline) };
}

/** Labels of a dataset, which holds the tables of one organization. */
export function datasetLabels({ org }: Load): Record<string, string> {
  return { org: label(org) };
}

function label(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^a-z0-9_-]/g, '_')
    .slice(0, LONGEST_LABEL);
}
