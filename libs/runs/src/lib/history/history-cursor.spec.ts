import { describe, expect, it } from '@jest/globals';
import { decodeCursor, encodeCursor } from './history-cursor.ts';

const position = {
  pendingAt: new Date('2026-11-01T12:34:56.789Z'),
  id: '019a0000-0000-7000-8000-000000000001',
};

describe('history cursor', () => {
  it('comes back as the position it was made of', () => {
    expect(decodeCursor(encodeCursor(position))).toEqual(position);
  });

  it.each([
    '',
    'x',
    '????',
    Buffer.from('[1,2]').toString('base64url'),
    Buffer.from('["2026-11-01","x"]').toString('base64url'),
  ])('refuses %j', (cursor) => {
    expect(() => decodeCursor(cursor)).toThrow(expect.objectContaining({ code: 'invalid_cursor' }));
  });
});
