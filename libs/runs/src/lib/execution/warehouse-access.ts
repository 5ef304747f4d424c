import { Injectable } from '@nestjs/common';
import { CredentialStore } from '@pipelines/credentials';
import { Warehouse, type LoadTarget, type WarehouseCredential } from '@pipelines/pipeline';

/** What a load needs to reach the warehouse: the credential that its target names. */
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
}
