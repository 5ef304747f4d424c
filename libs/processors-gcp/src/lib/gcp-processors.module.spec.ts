import { describe, expect, it } from '@jest/globals';
import { Test } from '@nestjs/testing';
import { ProcessorFactory, ProcessorsModule, ProviderRegistry } from '@pipelines/pipeline';
import { GcpBillingCatalogProcessor, GcpProcessorsModule } from '../index.ts';
import { GcpSecret } from './gcp.secret.ts';

describe('GcpProcessorsModule', () => {
  it('announces its provider and processor to the application', async () => {
    const app = await Test.createTestingModule({
      imports: [
        ProcessorsModule,
        GcpProcessorsModule.forRootAsync({
          useFactory: () => ({
            billingCatalogBaseUrl: 'https://cloudbilling.googleapis.com/v1',
            tokenUrl: 'https://oauth2.googleapis.com/token',
          }),
        }),
      ],
    }).compile();

    expect(app.get(ProviderRegistry).get('gcp').secret).toBe(GcpSecret);
    expect(
      app.get(ProcessorFactory).find('GcpBillingCatalogProcessor', '@pipelines/processors-gcp').instance,
    ).toBeInstanceOf(GcpBillingCatalogProcessor);
  });
});
