import { describe, expect, it } from '@jest/globals';
import { isOrganizationSlug } from './organization-slug.ts';

describe('isOrganizationSlug', () => {
  it.each(['ab', 'acme_corp', 'a1', `a${'b'.repeat(47)}`])('accepts %s', (slug) => {
    expect(isOrganizationSlug(slug)).toBe(true);
  });

  it.each(['', 'a', 'Acme', '1acme', '_acme', 'acme-corp', 'acme corp', 'acme\n', `a${'b'.repeat(48)}`])(
    'refuses %j',
    (slug) => {
      expect(isOrganizationSlug(slug)).toBe(false);
    },
  );
});
