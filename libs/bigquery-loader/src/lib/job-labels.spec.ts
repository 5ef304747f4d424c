import { describe, expect, it } from '@jest/globals';
import { aLoad } from '@pipelines/pipeline/testing';
import { jobId } from './job-id.ts';
import { jobLabels } from './job-labels.ts';

describe('jobLabels', () => {
  it('fits what BigQuery allows: 63 lower-case letters, digits, "_" and "-"', () => {
    const labels = jobLabels(
      aLoad({ pipeline: `openai/cost/${'x'.repeat(80)}`, runId: 'RUN-7', attempt: 3 }),
    );

    expect(labels).toEqual({
      org: 'acme',
      pipeline: `openai_cost_${'x'.repeat(51)}`,
      run: 'run-7',
      attempt: '3',
    });
  });
});

describe('jobId', () => {
  it('names a commit by the run alone, and staging by the attempt', () => {
    const load = aLoad({ runId: 'run-7', attempt: 3 });

    expect(jobId.commit(load, 2)).toBe('pl_run-7_commit_2');
    expect(jobId.commit({ ...load, attempt: 4 }, 2)).toBe('pl_run-7_commit_2');
    expect(jobId.stageQuery(load, 1)).toBe('pl_run-7_3_query_1');
    expect(jobId.stageRows(load)).toBe('pl_run-7_3_load');
  });
});
