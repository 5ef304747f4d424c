import { Disclosed } from '@pipelines/pipeline';
import { Equals, IsOptional, Matches, ValidateBy, type ValidationArguments } from 'class-validator';
import { namesTables } from './export-table-name.ts';
import { parsePrivateKey } from './private-key.ts';

/**
 * The credential that an organization stores: the JSON of a service-account key, as Google issues it. Its URLs
 * (`token_uri` and the like) are not read, for no request goes to an address that a customer chose. Beside them it may
 * name the organization's exports in BigQuery.
 */
export class GcpSecret {
  @Disclosed()
  @Equals('service_account', {
    message: 'type: must be "service_account"; no other kind of Google key is accepted',
  })
  type: 'service_account';

  @Disclosed()
  @Matches(/^([a-z0-9.-]+:)?[a-z][a-z0-9-]{4,28}[a-z0-9]$/, {
    message: 'project_id: is not the id of a project',
  })
  project_id: string;

  @Matches(/^[0-9a-f]{1,64}$/, { message: 'private_key_id: must be hexadecimal, as in the key file' })
  private_key_id: string;

  @ValidateBy(
    { name: 'isRsaPrivateKey', validator: { validate: isRsaPrivateKey } },
    { message: 'private_key: is not an RSA key of at least 2048 bits in PEM; paste the key file unchanged' },
  )
  private_key: string;

  @Disclosed()
  @Matches(/^[a-z0-9._-]{1,100}@[a-z0-9.-]+\.gserviceaccount\.com$/, {
    message: 'client_email: is not the address of a service account',
  })
  client_email: string;

  @Disclosed()
  @IsOptional()
  @Equals('googleapis.com', { message: 'universe_domain: only googleapis.com is supported' })
  universe_domain?: string;

  /**
   * The organization's usage cost export, which the service account may read; for pipelines over it. Several, where it has
   * several billing accounts: in an array, or with commas between them.
   */
  @Disclosed()
  @IsOptional()
  @NamesTables()
  billing_export_table?: string | string[];

  /** The organization's pricing export, or several. */
  @Disclosed()
  @IsOptional()
  @NamesTables()
  pricing_export_table?: string | string[];
}

function NamesTables(): PropertyDecorator {
  return ValidateBy({ name: 'namesTables', validator: { validate: namesTables } }, { message: tableMessage });
}

function tableMessage({ property }: ValidationArguments): string {
  return `${property}: must name a BigQuery table as project.dataset.table, or several with commas between them or in an array; the project may be left out where it is the service account's`;
}

function isRsaPrivateKey(value: unknown): boolean {
  try {
    return typeof value === 'string' && parsePrivateKey(value) !== undefined;
  } catch {
    return false;
  }
}
