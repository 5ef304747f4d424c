export { CredentialsModule } from './lib/credentials.module.ts';
export type { CredentialsOptions } from './lib/credentials.options.ts';
export { CredentialStore } from './lib/store/credential.store.ts';
