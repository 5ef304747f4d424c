import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { parseSettings, SettingsError } from './parse-settings.ts';
import { settingsDocument } from '../docs/settings-document.ts';

const KEY = Buffer.alloc(32, 7).toString('base64');

function problemsOf(environment: Record<string, string>): readonly string[] {
  try {
    parseSettings(environment);
  } catch (error) {
    if (error instanceof SettingsError) return error.problems;
    throw error;
  }
  return [];
}

describe('parseSettings', () => {
  it('needs nothing: the defaults are embedded mode', () => {
    expect(parseSettings({})).toMatchObject({
      PORT: 8001,
      HOST: '127.0.0.1',
      ROLE: 'all',
      APP_ENV: 'dev',
      WAREHOUSE: 'duckdb',
      SUBSCRIPTIONS_RELATION: 'public.subscription_limits',
    });
  });

  it('lists every problem at once', () => {
    const problems = problemsOf({
      PORT: 'eighty',
      ROLE: 'boss',
      APP_ENV: 'My_Env',
      WAREHOUSE: 'bigquery',
      DATABASE_URL: 'mysql://x',
      SUBSCRIPTIONS_RELATION: 'public.x; DROP TABLE y',
      OPENAI_BASE_URL: 'api.openai.com',
      ANTHROPIC_BASE_URL: 'api.anthropic.com',
      LOG_LEVEL: 'loud',
    }).join('\n');

    for (const name of [
      'PORT',
      'ROLE',
      'APP_ENV',
      'BIGQUERY_PROJECT',
      'DATABASE_URL',
      'SUBSCRIPTIONS_RELATION',
      'OPENAI_BASE_URL',
      'ANTHROPIC_BASE_URL',
      'LOG_LEVEL',
    ]) {
      expect(problems).toContain(name);
    }
  });

  it('demands own secrets with an external database', () => {
    const url = 'postgres://pipelines@db/pipelines';

    expect(problemsOf({ DATABASE_URL: url })).toEqual([
      expect.stringMatching(/^CREDENTIALS_KEY must be 32 bytes in base64/),
      expect.stringMatching(/^ROOT_API_KEY must have at least 24 characters/),
    ]);
    expect(problemsOf({ DATABASE_URL: url, CREDENTIALS_KEY: KEY, ROOT_API_KEY: 'r'.repeat(24) })).toEqual([]);
  });

  it('does not repeat a secret in a problem', () => {
    expect(problemsOf({ CREDENTIALS_KEY: 'hunter2', ROOT_API_KEY: 'hunter2' }).join()).not.toContain(
      'hunter2',
    );
  });

  it('takes an empty variable for an unset one', () => {
    expect(parseSettings({ PORT: '', DATABASE_URL: ' ' })).toMatchObject({ PORT: 8001 });
  });

  it('is documented in docs/settings.md as it is', () => {
    const page = readFileSync(new URL('../../../../docs/settings.md', import.meta.url), 'utf8');

    expect(page).toBe(settingsDocument());
  });
});
