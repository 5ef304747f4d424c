import { describe, expect, it } from '@jest/globals';
import { commitMemoryMb, stagingMemoryMb } from './load-memory.ts';

describe('the memory of a load', () => {
  const ofColumns = (count: number) => ({
    schema: {
      description: 'Wide',
      columns: Array.from({ length: count }, (_, index) => ({
        name: `c${index}`,
        type: 'STRING' as const,
        description: 'A column',
      })),
    },
  });

  it.each([
    [3, 64, 32],
    [20, 66, 32],
    [55, 163, 45],
    [93, 267, 73],
  ])(
    'is, for %d columns and those of lineage, %d MB for the commit and %d for staging',
    (columns, commit, staging) => {
      expect(commitMemoryMb(ofColumns(columns))).toBe(commit);
      expect(stagingMemoryMb(ofColumns(columns))).toBe(staging);
    },
  );
});
