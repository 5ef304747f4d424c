import { describe, expect, it } from '@jest/globals';
import { RunIdPipe } from './run-id.pipe.ts';

const pipe = new RunIdPipe();

describe('RunIdPipe', () => {
  it('reads a run id in any case as the database writes it', () => {
    expect(pipe.transform('019A0000-0000-7000-8000-00000000000F')).toBe(
      '019a0000-0000-7000-8000-00000000000f',
    );
  });

  it.each([
    '1',
    '',
    '019a0000-0000-7000-8000-00000000000g',
    '019a0000000070008000000000000001',
    ' 019a0000-0000-7000-8000-000000000001',
    '{019a0000-0000-7000-8000-000000000001}',
  ])('finds no run by %j', (value) => {
    expect(() => pipe.transform(value)).toThrow(
      expect.objectContaining({ code: 'run_not_found', message: `"${value}" is not a run id.` }),
    );
  });

  it('does not repeat a long text', () => {
    expect(() => pipe.transform('x'.repeat(5_000))).toThrow(`"${'x'.repeat(64)}" is not a run id.`);
  });
});
