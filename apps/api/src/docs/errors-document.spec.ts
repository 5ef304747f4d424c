import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { errorsDocument } from './errors-document.ts';

describe('errorsDocument', () => {
  it('is docs/errors.md as it is', () => {
    expect(readFileSync(new URL('../../../../docs/errors.md', import.meta.url), 'utf8')).toBe(
      errorsDocument(),
    );
  });
});
