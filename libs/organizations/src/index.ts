export { API_KEY_SCOPES, ApiKeyEntity, type ApiKeyScope } from './lib/api-key.entity.ts';
export { ApiKeyStore, type ApiKeyIdentity } from './lib/api-key.store.ts';
export { OrganizationEntity } from './lib/organization.entity.ts';
export { organizationNotFound, OrganizationStore, type Subscription } from './lib/organization.store.ts';
export { OrganizationsModule } from './lib/organizations.module.ts';
export type { OrganizationsOptions } from './lib/organizations.options.ts';
export { warehousePlaceSql } from './lib/warehouse-place-sql.ts';
