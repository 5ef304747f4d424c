import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import {
  ConfigurableModuleClass,
  CREDENTIALS_OPTIONS,
  type CredentialsOptions,
} from './credentials.options.ts';
import { CredentialCipher } from './encryption/credential-cipher.ts';
import { KeyEncryptionKey } from './encryption/key-encryption-key.ts';
import { LocalKeyEncryptionKey } from './encryption/local-key-encryption-key.ts';
import { CredentialEntity } from './store/credential.entity.ts';
import { CredentialStore } from './store/credential.store.ts';

/** Encrypted credentials. Needs the global `ProcessorsModule` and the database; register with `forRootAsync`. */
@Module({
  imports: [TypeOrmModule.forFeature([CredentialEntity])],
  providers: [
    {
      provide: KeyEncryptionKey,
      inject: [CREDENTIALS_OPTIONS],
      useFactory: ({ keyEncryptionKey }: CredentialsOptions) => new LocalKeyEncryptionKey(keyEncryptionKey),
    },
    CredentialCipher,
    CredentialStore,
  ],
  exports: [CredentialStore],
})
export class CredentialsModule extends ConfigurableModuleClass {}
