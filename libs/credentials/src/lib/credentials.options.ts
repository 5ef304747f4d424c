import { ConfigurableModuleBuilder } from '@nestjs/common';

/** What the credentials lib needs of its surroundings. */
export interface CredentialsOptions {
  /** The 32 bytes that wrap every credential's data key. */
  readonly keyEncryptionKey: Buffer;
}

/** `CREDENTIALS_OPTIONS` is the injection token of the {@link CredentialsOptions}. */
export const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN: CREDENTIALS_OPTIONS } =
  new ConfigurableModuleBuilder<CredentialsOptions>().setClassMethodName('forRoot').build();
