import { Injectable } from '@nestjs/common';
import { CredentialStore } from '@pipelines/credentials';
import { OrganizationStore } from '@pipelines/organizations';
import {
  Warehouse,
  type LoadTarget,
  type WarehouseCredential,
  type WarehousePlace,
} from '@pipelines/pipeline';

/** What an organization's loads need to reach the warehouse: where its data lies, and the credential it is opened with. */
@Injectable()
export class WarehouseAccess {
  constructor(
    private readonly warehouse: Warehouse,
    private readonly organizations: OrganizationStore,
    private readonly credentials: CredentialStore,
  ) {}

  /** Where the organization loads now; kept with the run, because the settings may change while it is under way. */
  async placeOf(org: string): Promise<WarehousePlace> {
    return this.warehouse.resolvePlace(await this.organizations.warehousePlace(org));
  }

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
