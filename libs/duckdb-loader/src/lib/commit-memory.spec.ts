import { describe, expect, it } from '@jest/globals';
import { commitMemoryMb } from './commit-memory.ts';

describe('commitMemoryMb', () => {
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
    [3, 64],
    [20, 64],
    [55, 160],
    [93, 264],
  ])('gives %d columns and those of lineage %d MB', (columns, memoryMb) => {
    expect(commitMemoryMb(ofColumns(columns))).toBe(memoryMb);
  });
});
