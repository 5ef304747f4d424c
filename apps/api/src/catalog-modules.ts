import type { DynamicModule, Type } from '@nestjs/common';
import { ConfigResolverModule } from '@pipelines/config-resolver';
import { ProcessorsModule } from '@pipelines/pipeline';
import { AnthropicProcessorsModule } from '@pipelines/processors-anthropic';
import { GcpProcessorsModule } from '@pipelines/processors-gcp';
import { OpenAiProcessorsModule } from '@pipelines/processors-openai';
import { UnifiedProcessorsModule } from '@pipelines/processors-unified';
import type { ProviderEndpoints } from './service-parts.ts';
import type { Settings } from './settings/settings.ts';

/** Every provider with its processors, and the catalog of the pipelines that use them. */
export function catalogModules(
  { CONFIGS_DIR, APP_ENV }: Settings,
  endpoints: ProviderEndpoints,
): readonly (DynamicModule | Type)[] {
  return [
    ProcessorsModule,
    OpenAiProcessorsModule.forRoot({ baseUrl: endpoints.openai }),
    AnthropicProcessorsModule.forRoot({ baseUrl: endpoints.anthropic }),
    GcpProcessorsModule.forRoot({
      billingCatalogBaseUrl: endpoints.gcpBillingCatalog,
      tokenUrl: endpoints.gcpToken,
    }),
    UnifiedProcessorsModule,
    { ...ConfigResolverModule.forRoot({ directory: CONFIGS_DIR, env: APP_ENV }), global: true },
  ];
}
