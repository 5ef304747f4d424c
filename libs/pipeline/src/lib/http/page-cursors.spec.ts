import { describe, expect, it } from '@jest/globals';
import { JsonValue } from '../json/json-value.ts';
import { PageCursors } from './page-cursors.ts';

const next = (cursors: PageCursors, page: { data?: unknown; next?: unknown }): string => {
  const value = new JsonValue('acme', page);
  return cursors.next(value.get('next'), value.get('data'));
};

describe('PageCursors', () => {
  it('gives the cursor of the page that follows', () => {
    expect(next(new PageCursors(), { data: [1], next: 'A' })).toBe('A');
  });

  it.each([
    ['no cursor', { data: [1] }, '$.next should be a string, found nothing'],
    ['no items', { data: [], next: 'A' }, '$.data should be an item at least, as more are promised'],
    ['no list of them', { next: 'A' }, '$.data should be an item at least, as more are promised'],
  ])('refuses a page that promises more with %s', (_what, page, message) => {
    expect(() => next(new PageCursors(), page)).toThrow(message);
  });

  it('refuses a cursor that was given before', () => {
    const cursors = new PageCursors();
    next(cursors, { data: [1], next: 'A' });
    next(cursors, { data: [1], next: 'B' });

    expect(() => next(cursors, { data: [1], next: 'A' })).toThrow('not given before');
  });

  it('takes as many empty pages in a row as it is told to, and no more', () => {
    const cursors = new PageCursors(2);
    next(cursors, { data: [], next: 'A' });
    next(cursors, { next: 'B' });
    next(cursors, { data: [1], next: 'C' });
    next(cursors, { data: [], next: 'D' });
    next(cursors, { data: [], next: 'E' });

    expect(() => next(cursors, { data: [], next: 'F' })).toThrow('as more are promised');
  });
});
