import { describe, expect, it } from '@jest/globals';
import { PipelineError } from '@pipelines/pipeline';
import { isInUse, toPipelineError } from './duckdb.errors.ts';

const LOCKED = new Error(
  'IO Error: Could not set lock on file "/data/w.duckdb": Conflicting lock is held in /usr/bin/duckdb (PID 7).',
);

describe('toPipelineError', () => {
  it.each([
    [LOCKED.message, 'warehouse_unavailable'],
    ['TransactionContext Error: Conflict on tuple deletion!', 'warehouse_unavailable'],
    ['IO Error: Could not write file: No space left on device', 'warehouse_unavailable'],
    ['Constraint Error: NOT NULL constraint failed: costs.day', 'warehouse_rejected'],
    ['Out of Memory Error: could not allocate block', 'warehouse_rejected'],
  ])('makes of "%s" a %s', (message, code) => {
    const cause = new Error(message);

    expect(toPipelineError(cause)).toMatchObject({ name: 'PipelineError', code, cause });
  });

  it.each([
    ['Constraint Error: CHECK constraint failed on table costs', 'A row breaks a rule of the table.'],
    ['Binder Error: Referenced column "x" not found', 'It names a table or column that is missing'],
    ['Out of Memory Error: could not allocate block', 'Load fewer days at once.'],
    ['INTERNAL Error: Assertion triggered', 'The fault is one that the service has no words for.'],
  ])('explains "%s" in words of our own', (text, words) => {
    const { message } = toPipelineError(new Error(text)) as PipelineError;

    expect(message).toContain(words);
    expect(message).not.toMatch(/ Error\b/);
  });

  it('shows the tenant what kind of fault it is, and the operator the first line', () => {
    const error = new Error("Conversion Error: Could not convert string 'secret' to INT32\n\nLINE 1: SELECT");

    expect(toPipelineError(error)).toMatchObject({
      message:
        "The DuckDB warehouse refused a statement. A value does not have the form of the type that it is cast to. Correct it in the source. The target was not touched; the log has DuckDB's own message.",
      operatorDetail: "Conversion Error: Could not convert string 'secret' to INT32",
    });
  });

  it.each([new PipelineError('cancelled', 'Cancelled.'), new TypeError('x is not a function'), 'text'])(
    'leaves %p alone',
    (error) => {
      expect(toPipelineError(error)).toBe(error);
    },
  );
});

describe('isInUse', () => {
  it('tells a lock from any other failure to open', () => {
    expect(isInUse(LOCKED)).toBe(true);
    expect(isInUse(new Error('IO Error: Cannot open file "/data/w.duckdb": Permission denied'))).toBe(false);
  });
});
