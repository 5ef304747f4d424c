import { PipelineError, type WarehouseCredential } from '@pipelines/pipeline';

/** What of a service-account key its tokens are asked for with. */
export interface ServiceAccount {
  readonly email: string;
  readonly keyId: string;
  readonly privateKey: string;
}

/**
 * Reads the key file that an organization stored. Its URLs are not read: no request goes to an address that a customer
 * chose.
 * @throws PipelineError `credential_malformed`, quoting nothing of the secret.
 */
export function readServiceAccount({ name, secret }: WarehouseCredential): ServiceAccount {
  const { client_email, private_key_id, private_key } = secret.reveal() as Record<string, unknown>;
  if (![client_email, private_key_id, private_key].every((value) => typeof value === 'string')) {
    throw new PipelineError(
      'credential_malformed',
      `The credential "${name}" is not the key file of a Google service account, which BigQuery is opened with.`,
    );
  }
  return {
    email: client_email as string,
    keyId: private_key_id as string,
    // A key that was pasted through a shell or a form often has its line breaks escaped twice.
    privateKey: (private_key as string).replaceAll('\\n', '\n'),
  };
}
