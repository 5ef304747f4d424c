import { describe, expect, it } from '@jest/globals';
import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import { OpenAiSecret } from './openai.secret.ts';

describe('OpenAiSecret', () => {
  const problems = (secret: object): string[] =>
    validateSync(plainToInstance(OpenAiSecret, secret)).flatMap(({ constraints }) =>
      Object.values(constraints ?? {}),
    );

  it.each(['sk-admin-AbC_1-2', 'sk-local', 'any.other:shape'])('accepts %s', (api_key) => {
    expect(problems({ api_key })).toEqual([]);
  });

  it('trims what a person pasted around the key', () => {
    expect(plainToInstance(OpenAiSecret, { api_key: ' sk-admin-1\n' }).api_key).toBe('sk-admin-1');
  });

  it.each(['sk-proj-abc', 'sk-svcacct-abc'])('refuses the project key %s', (api_key) => {
    expect(problems({ api_key })).toEqual([
      'api_key: this is a project key; an admin key (sk-admin-…) is needed',
    ]);
  });

  it.each(['sk-admin-a b', 'sk-admin-a\r\nx-evil: 1', 'sk-admin-\u0000', 'sk-admin-é'])(
    'refuses %j, which has no place in a header',
    (api_key) => {
      expect(problems({ api_key })).toEqual([
        'api_key: must not contain spaces, line breaks or control characters',
      ]);
    },
  );

  it.each([[{}], [{ api_key: 7 }], [{ api_key: null }]])('refuses %j', (secret) => {
    expect(problems(secret)).toContain('api_key: give the admin key as a string');
  });

  it('takes the organization along, which the API does not name', () => {
    const organization = { organization_id: 'org-AbC123', organization_name: 'Acme' };

    expect(problems({ api_key: 'sk-admin-1', ...organization })).toEqual([]);
    expect(problems({ api_key: 'sk-admin-1', organization_id: 'Acme' })).toEqual([
      'organization_id: must look like org-…, as the settings page shows it',
    ]);
  });
});
