import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { validateSync } from 'class-validator';
import { GcpSecret } from './gcp.secret.ts';
import { SERVICE_ACCOUNT } from './testing/gcp-answers.ts';

const pem = { type: 'pkcs8', format: 'pem' } as const;

describe('GcpSecret', () => {
  const problems = (change: object): string[] =>
    validateSync(Object.assign(new GcpSecret(), SERVICE_ACCOUNT, change)).flatMap(({ constraints }) =>
      Object.values(constraints ?? {}),
    );

  it('accepts a key file as Google issues it, with fields that are not read', () => {
    expect(problems({ client_id: '1', token_uri: 'https://evil.example/token' })).toEqual([]);
  });

  it.each([
    'acme-billing.billing.gcp_billing_export_v1_01AB23_CD45EF_678901',
    'acme.com:pay-12.billing.cloud_pricing_export',
    'billing.cloud_pricing_export',
  ])('accepts %s as the name of an export', (table) => {
    expect(problems({ billing_export_table: table, pricing_export_table: table })).toEqual([]);
  });

  it.each([['billing.one,acme-other.billing.two'], [['billing.one', 'acme-other.billing.two']]])(
    'accepts %j as the names of several exports',
    (tables) => {
      expect(problems({ billing_export_table: tables, pricing_export_table: tables })).toEqual([]);
    },
  );

  it.each([
    [[]],
    [['billing.one', 7]],
    [['billing.one', 'two']],
    ['billing.one,'],
    [['a.b', 'a.b']],
    [{ 0: 'a.b' }],
    [7],
  ])('refuses %j as the names of several exports', (tables) => {
    expect(problems({ billing_export_table: tables as string })).toHaveLength(1);
  });

  it.each(['cloud_pricing_export', 'a.b.c.d', 'billing.`x`', "billing.x'; DROP TABLE y", 'Upper.billing.x'])(
    'refuses %s as the name of an export',
    (table) => {
      expect(problems({ billing_export_table: table })).toEqual([
        "billing_export_table: must name a BigQuery table as project.dataset.table, or several with commas between them or in an array; the project may be left out where it is the service account's",
      ]);
    },
  );

  it('accepts a key whose line breaks were escaped twice', () => {
    expect(problems({ private_key: SERVICE_ACCOUNT.private_key.replaceAll('\n', '\\n') })).toEqual([]);
  });

  it.each([
    [
      { type: 'external_account' },
      'type: must be "service_account"; no other kind of Google key is accepted',
    ],
    [{ project_id: 'A' }, 'project_id: is not the id of a project'],
    [{ private_key_id: '' }, 'private_key_id: must be hexadecimal, as in the key file'],
    [{ client_email: 'someone@gmail.com' }, 'client_email: is not the address of a service account'],
    [{ universe_domain: 'evil.example' }, 'universe_domain: only googleapis.com is supported'],
  ])('refuses %j', (change, message) => {
    expect(problems(change)).toEqual([message]);
  });

  it.each([
    ['no PEM', 'MIIE'],
    ['nothing', undefined],
    ['a cut key', SERVICE_ACCOUNT.private_key.slice(0, 200)],
    ['a short key', generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey.export(pem)],
    ['a key of another kind', generateKeyPairSync('ed25519').privateKey.export(pem)],
  ])('refuses %s for a private key', (_kind, private_key) => {
    expect(problems({ private_key })).toEqual([
      'private_key: is not an RSA key of at least 2048 bits in PEM; paste the key file unchanged',
    ]);
  });
});
