import { Global, Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { ProviderHttpClient } from '../http/provider-http-client.ts';
import { ProcessorFactory } from './processor.factory.ts';
import { ProviderRegistry } from './provider.registry.ts';

/** Global: the processor factory, the provider registry and the HTTP client that every provider lib uses. */
@Global()
@Module({
  imports: [DiscoveryModule],
  providers: [ProcessorFactory, ProviderRegistry, ProviderHttpClient],
  exports: [ProcessorFactory, ProviderRegistry, ProviderHttpClient],
})
export class ProcessorsModule {}
