import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { PipelineError } from '../errors/pipeline-error.ts';
import { LeftOut } from './left-out.ts';

describe('LeftOut', () => {
  afterEach(() => {
    jest.restoreAllMocks();
  });

  it('records and logs each part once, with its first reason', () => {
    const warn = jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
    const leftOut = new LeftOut('run-1');

    leftOut.add(
      'names of keys',
      new PipelineError('credential_rejected', 'No.', { operatorDetail: 'GET x' }),
    );
    leftOut.add('names of keys', new PipelineError('provider_unavailable', 'Later.'));
    leftOut.add('names of users', new PipelineError('provider_unavailable', 'Later.'));

    expect(leftOut.parts).toEqual([
      { part: 'names of keys', code: 'credential_rejected', reason: 'No.' },
      { part: 'names of users', code: 'provider_unavailable', reason: 'Later.' },
    ]);
    expect(warn.mock.calls).toEqual([
      ['Run run-1: left out names of keys (credential_rejected): No. GET x'],
      ['Run run-1: left out names of users (provider_unavailable): Later.'],
    ]);
  });
});
