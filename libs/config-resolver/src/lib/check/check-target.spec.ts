import { describe, expect, it } from '@jest/globals';
import type { LoadTarget, TableSchema } from '@pipelines/pipeline';
import { targetProblems } from './check-target.ts';

const SCHEMA: TableSchema = {
  description: 'Costs',
  columns: [
    { name: 'usage_date', type: 'DATE', description: 'Day' },
    { name: 'project_id', type: 'STRING', description: 'Project' },
    { name: 'api_key_id', type: 'STRING', description: 'Key' },
  ],
  windowColumn: 'usage_date',
  leftOut: ['api_key_id'],
};
const TARGET: LoadTarget = { dataset: 'acme_dev', table: 'costs', writeDisposition: 'merge' };

describe('a merge key', () => {
  it('has no column that the options leave out', () => {
    expect(
      targetProblems({ ...TARGET, mergeKey: ['usage_date', 'project_id', 'api_key_id'] }, SCHEMA),
    ).toEqual([
      {
        field: 'target.merge_key',
        message: expect.stringMatching(
          /^target\.merge_key: "api_key_id" is null by processor\.options\.leave_out/,
        ),
      },
    ]);
  });

  it('has any other', () => {
    expect(targetProblems({ ...TARGET, mergeKey: ['usage_date', 'project_id'] }, SCHEMA)).toEqual([]);
  });
});
