import { describe, expect, it } from '@jest/globals';
import { PipelineError } from '@pipelines/pipeline';
import { Transform, Type } from 'class-transformer';
import { IsEmail, IsString, Matches, ValidateNested } from 'class-validator';
import { readSecret } from './secret-shape.ts';

class Account {
  @IsEmail() email: string;
}

class FakeSecret {
  @Transform(({ value }) => (typeof value === 'string' ? value.trim() : (value as unknown)))
  @IsString({ message: 'api_key: give the key as a string' })
  @Matches(/^sk-/, { message: '$property "$value" does not begin with sk-' })
  api_key: string;

  @ValidateNested() @Type(() => Account) account: Account;
}

const thrownBy = (secret: unknown): PipelineError => {
  try {
    readSecret(FakeSecret, 'fake', secret);
  } catch (error) {
    if (error instanceof PipelineError) return error;
  }
  throw new Error('No PipelineError was thrown.');
};

describe('readSecret', () => {
  it('gives an instance of the class without the fields it does not declare', () => {
    const secret = {
      api_key: ' sk-1 ',
      account: { email: 'a@b.de', auth_uri: 'x' },
      token_uri: 'https://evil',
    };

    const read = readSecret(FakeSecret, 'fake', secret);

    expect(read).toBeInstanceOf(FakeSecret);
    expect(JSON.parse(JSON.stringify(read))).toEqual({ api_key: 'sk-1', account: { email: 'a@b.de' } });
  });

  it('names every wrong field', () => {
    const error = thrownBy({ api_key: 3, account: { email: '' } });

    expect(error.code).toBe('credential_malformed');
    expect(error.facts.problems).toEqual([
      { field: 'api_key', message: 'api_key "3" does not begin with sk-.' },
      { field: 'api_key', message: 'api_key: give the key as a string.' },
      { field: 'account.email', message: 'account.email must be an email.' },
    ]);
  });

  it('shows no value of the secret, even when the class quotes it', () => {
    const error = thrownBy({ api_key: ' topsecret ', account: { email: 'hidden' } });

    const shown = JSON.stringify([error.message, error.operatorDetail, error.facts, String(error.stack)]);
    expect(shown).not.toContain('topsecret');
    expect(shown).not.toContain('hidden');
    expect(error.facts.problems).toContainEqual({ field: 'api_key', message: 'api_key is not valid.' });
  });

  it.each([undefined, null, 'sk-1', 3, ['sk-1']])('refuses %j, which is no object', (secret) => {
    expect(thrownBy(secret).message).toBe(
      "The secret does not have the shape of fake's: secret must be an object.",
    );
  });
});
