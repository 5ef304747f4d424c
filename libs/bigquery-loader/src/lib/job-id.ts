import type { EarlierLoad, Load } from '@pipelines/pipeline';

/**
 * Ids under which BigQuery accepts a job once. A failed job's id cannot be used again, hence the submission number,
 * which starts at 1; whoever comes later finds the same jobs by counting.
 */
export const jobId = {
  /** Of the run, not of the attempt: whichever attempt commits first, the others find its job. */
  commit: ({ runId }: EarlierLoad, submission: number): string => `pl_${runId}_commit_${submission}`,

  stageQuery: ({ runId, attempt }: Load, submission: number): string =>
    `pl_${runId}_${attempt}_query_${submission}`,

  /** Without a submission number: the rows were streamed and cannot be sent again by the same attempt. */
  stageRows: ({ runId, attempt }: Load): string => `pl_${runId}_${attempt}_load`,
};
