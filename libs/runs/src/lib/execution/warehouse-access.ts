import { Injectable } from '@nestjs/common';
import { CredentialStore } from '@pipelines/credentials';
import { redactError, Warehouse, type LoadTarget, type WarehouseCredential } from '@pipelines/pipeline';

/** The credentials of a load: the one that its target names, and the name of the one that its rows are read with. */
@Injectable()
export class WarehouseAccess {
  constructor(
    private readonly warehouse: Warehouse,
    private readonly credentials: CredentialStore,
  ) {}

  /**
   * The credential that the target names; undefined when it names none, or the warehouse takes none.
   * @throws PipelineError `credential_missing` or `credential_undecryptable`.
   */
  async credentialOf(
    org: string,
    { credentials: name }: LoadTarget,
  ): Promise<WarehouseCredential | undefined> {
    const { credentialProvider } = this.warehouse;
    if (name === undefined || credentialProvider === undefined) return undefined;
    return { name, ...(await this.credentials.openVersion(org, credentialProvider, name)) };
  }

  /** The name that rows of the provider carry in `_credential`; undefined where it has none. */
  sourceCredential(provider: string, name: string): string | undefined {
    return this.credentials.isNeededFor(provider) ? name : undefined;
  }
}

/** What the warehouse threw, without anything of the credential that it was opened with. */
export function redactCredential(thrown: unknown, credential: WarehouseCredential | undefined): unknown {
  return credential ? redactError(thrown, (text) => credential.secret.redact(text)) : thrown;
}
