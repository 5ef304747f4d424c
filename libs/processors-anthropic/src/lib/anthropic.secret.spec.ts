import { describe, expect, it } from '@jest/globals';
import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import { AnthropicSecret } from './anthropic.secret.ts';

describe('AnthropicSecret', () => {
  const problems = (secret: object): string[] =>
    validateSync(plainToInstance(AnthropicSecret, secret)).flatMap(({ constraints }) =>
      Object.values(constraints ?? {}),
    );

  it.each(['sk-ant-admin01-AbC_1-2', 'any.other:shape'])('accepts %s', (api_key) => {
    expect(problems({ api_key })).toEqual([]);
  });

  it('trims what a person pasted around the key', () => {
    expect(plainToInstance(AnthropicSecret, { api_key: ' sk-ant-admin01-1\n' }).api_key).toBe(
      'sk-ant-admin01-1',
    );
  });

  it('refuses an ordinary key', () => {
    expect(problems({ api_key: 'sk-ant-api03-abc' })).toEqual([
      'api_key: this is an ordinary API key; an admin key (sk-ant-admin01-…) is needed',
    ]);
  });

  it.each([
    'sk-ant-admin01-a b',
    'sk-ant-admin01-a\r\nx-evil: 1',
    'sk-ant-admin01-\u0000',
    'sk-ant-admin01-é',
  ])('refuses %j, which has no place in a header', (api_key) => {
    expect(problems({ api_key })).toEqual([
      'api_key: must not contain spaces, line breaks or control characters',
    ]);
  });

  it.each([[{}], [{ api_key: 7 }], [{ api_key: null }]])('refuses %j', (secret) => {
    expect(problems(secret)).toContain('api_key: give the admin key as a string');
  });
});
