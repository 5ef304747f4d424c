import { describe, expect, it } from '@jest/globals';
import { FOCUS_COLUMNS, focusColumns } from './focus-columns.ts';

describe('FOCUS_COLUMNS', () => {
  it.each([
    ['1.2', 57],
    ['1.4', 65],
  ] as const)('has the columns of %s', (version, count) => {
    expect(focusColumns(version)).toHaveLength(count);
  });

  it('names each column once, in alphabetical order', () => {
    const names = FOCUS_COLUMNS.map(({ name }) => name);

    expect(names).toEqual([...new Set(names)].sort());
  });

  it('lets no recommended column be null but the invoice', () => {
    const recommended = FOCUS_COLUMNS.filter(({ level }) => level === 'Recommended');

    expect(recommended.map(({ name, nullable }) => [name, nullable])).toEqual([
      ['ChargeFrequency', false],
      ['InvoiceId', true],
      ['ServiceSubcategory', false],
    ]);
  });

  it('leaves out of 1.4 what it removed, and of 1.2 what came later', () => {
    const only = (version: '1.2' | '1.4') =>
      FOCUS_COLUMNS.filter(({ versions }) => versions.join() === version).map(({ name }) => name);

    expect(only('1.2')).toEqual(['ProviderName', 'PublisherName']);
    expect(only('1.4')).toEqual([
      'AllocatedMethodDetails',
      'AllocatedMethodId',
      'AllocatedResourceId',
      'AllocatedResourceName',
      'AllocatedTags',
      'CommitmentProgramEligibilityDetails',
      'ContractApplied',
      'HostProviderName',
      'InvoiceDetailId',
      'ServiceProviderName',
    ]);
  });
});
