import { Writable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { pinoHttp } from 'pino-http';
import { QueryFailedError } from 'typeorm';
import { loggerOptions } from './logger.module.ts';

describe('loggerOptions', () => {
  it('log an error without the bind values that TypeORM hangs on it', () => {
    let line = '';
    const stream = new Writable({
      write(chunk: Buffer, _encoding, done) {
        line += chunk.toString();
        done();
      },
    });
    const { logger } = pinoHttp(loggerOptions('info'), stream);

    logger.error({ err: new QueryFailedError('INSERT INTO keys', ['hash'], new Error('failed')) }, 'PUT');

    expect(JSON.parse(line)).toMatchObject({
      msg: 'PUT',
      err: { type: 'QueryFailedError', message: 'failed' },
    });
    expect(line).not.toMatch(/INSERT|"hash"/);
  });
});
