import { describe, expect, it } from '@jest/globals';
import { durabilityWarnings } from './durability.ts';

const SAFE = { fsync: 'on', synchronous_commit: 'on', full_page_writes: 'on' };

describe('durabilityWarnings', () => {
  it.each(['on', 'local', 'remote_write', 'remote_apply'])(
    'says nothing of a server whose commits wait for the disk, by synchronous_commit = %s',
    (synchronous_commit) => {
      expect(durabilityWarnings({ ...SAFE, synchronous_commit })).toEqual([]);
    },
  );

  it.each(['fsync', 'synchronous_commit', 'full_page_writes'])(
    'names %s, what may be lost and what to set',
    (name) => {
      expect(durabilityWarnings({ ...SAFE, [name]: 'off' })).toEqual([
        expect.stringMatching(
          new RegExp(`^PostgreSQL runs with ${name} = off: a crash .* runs.*\\. Set ${name} = on, `),
        ),
      ]);
    },
  );

  it('warns of each setting by itself', () => {
    expect(
      durabilityWarnings({ fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }),
    ).toHaveLength(3);
  });
});
