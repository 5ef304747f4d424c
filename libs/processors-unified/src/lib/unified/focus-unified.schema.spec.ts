import { describe, expect, it } from '@jest/globals';
import { CUSTOM_COLUMNS } from './custom-columns.ts';
import { FOCUS_UNIFIED_SCHEMA } from './focus-unified.schema.ts';

describe('FOCUS_UNIFIED_SCHEMA', () => {
  it('names its own columns as FOCUS wants custom columns named, after those of FOCUS', () => {
    const names = FOCUS_UNIFIED_SCHEMA.columns.map(({ name }) => name);
    const own = CUSTOM_COLUMNS.map(({ name }) => name);

    expect(own).toEqual([...own].sort());
    for (const name of own) expect(name).toMatch(/^x_[A-Z][A-Za-z0-9]{1,47}$/);
    expect(names.slice(-own.length)).toEqual(own);
  });

  it('shows the columns of each version in a view', () => {
    expect(FOCUS_UNIFIED_SCHEMA.views!.map(({ name, columns }) => [name, columns.length])).toEqual([
      ['focus_1_2', 57],
      ['focus_1_4', 65],
    ]);
  });
});
