import { describe, expect, it } from '@jest/globals';
import { columnsToAdd } from './columns-to-add.ts';
import type { Column } from './table-schema.ts';

const DAY: Column = { name: 'day', type: 'DATE', mode: 'REQUIRED', description: 'UTC day' };
const COST: Column = { name: 'cost', type: 'NUMERIC', description: 'Cost' };
const existing = (name: string, type: string, required = false) => ({ name, type, required });

describe('columnsToAdd', () => {
  const plan = (wanted: Column[], have: ReturnType<typeof existing>[]) =>
    columnsToAdd('acme_dev.costs', wanted, have, ({ type }) => type.toLowerCase());

  it('adds nullable columns that are missing', () => {
    expect(plan([DAY, COST], [existing('day', 'date', true)])).toEqual([COST]);
  });

  it('leaves alone what fits, and nullable columns that are not declared', () => {
    expect(plan([DAY], [existing('day', 'date'), existing('old', 'varchar')])).toEqual([]);
  });

  it('names table, column, want and have of a type that differs', () => {
    expect(() => plan([COST], [existing('cost', 'varchar')])).toThrow(
      expect.objectContaining({
        code: 'schema_mismatch',
        message:
          'Table acme_dev.costs, column "cost": want numeric NULLABLE, have varchar NULLABLE. Change the table by hand, or load into a new one.',
        facts: {
          table: 'acme_dev.costs',
          column: 'cost',
          want: 'numeric NULLABLE',
          have: 'varchar NULLABLE',
        },
      }),
    );
  });

  it.each([
    ['a missing REQUIRED column', [DAY], [], 'want date REQUIRED, have no such column'],
    ['a stricter target', [COST], [existing('cost', 'numeric', true)], 'have numeric REQUIRED'],
    ['an undeclared REQUIRED column', [], [existing('old', 'varchar', true)], 'have varchar REQUIRED'],
  ])('refuses %s', (_name, wanted, have, message) => {
    expect(() => plan(wanted, have)).toThrow(message);
  });
});
