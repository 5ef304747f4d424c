import { describe, expect, it } from '@jest/globals';
import { explainStartFailure } from './start-failure.ts';

describe('explainStartFailure', () => {
  it.each([
    ['our own write', Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' })],
    [
      'initdb',
      new Error('Command failed: initdb\ncould not write to file "base/1": No space left on device'),
    ],
  ])('says that the disk is full when %s found it so', (_who, error) => {
    expect(explainStartFailure(error, '/data')).toMatchObject({
      message: 'The disk that holds /data is full. Free some space and start again.',
      cause: error,
    });
  });

  it('says that the user has no name', () => {
    const error = new Error(
      'Command failed: initdb\ninitdb: could not look up effective user ID 54321: user does not exist',
    );

    expect(explainStartFailure(error, '/data')).toMatchObject({
      message:
        'PostgreSQL refuses to run as a user without a name (initdb: could not look up effective user ID 54321). ' +
        'Name the user in /etc/passwd, start as another one, or set DATABASE_URL to a PostgreSQL of your own.',
      cause: error,
    });
  });

  it('says that this user may not use the directory, and why', () => {
    const error = Object.assign(new Error("EACCES: permission denied, mkdir '/data'"), { code: 'EACCES' });

    expect(explainStartFailure(error, '/data')).toMatchObject({
      message:
        "The user that runs this process cannot use /data (EACCES: permission denied, mkdir '/data'). " +
        'Start as the user of earlier runs, or set DATA_DIR to a directory of your own.',
      cause: error,
    });
  });

  it('passes on an error that says enough', () => {
    const error = new Error('DATA_DIR /data is in use by process 7.');

    expect(explainStartFailure(error, '/data')).toBe(error);
  });
});
