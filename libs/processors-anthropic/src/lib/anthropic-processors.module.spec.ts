import { describe, expect, it } from '@jest/globals';
import { Test } from '@nestjs/testing';
import { ProcessorFactory, ProcessorsModule, ProviderRegistry } from '@pipelines/pipeline';
import { AnthropicCostsProcessor, AnthropicProcessorsModule, AnthropicUsageProcessor } from '../index.ts';
import { AnthropicSecret } from './anthropic.secret.ts';

describe('AnthropicProcessorsModule', () => {
  it('announces its provider and processors to the application', async () => {
    const app = await Test.createTestingModule({
      imports: [
        ProcessorsModule,
        AnthropicProcessorsModule.forRootAsync({
          useFactory: () => ({ baseUrl: 'https://api.anthropic.com' }),
        }),
      ],
    }).compile();
    const factory = app.get(ProcessorFactory);
    const find = (name: string) => factory.find(name, '@pipelines/processors-anthropic');

    expect(app.get(ProviderRegistry).get('anthropic').secret).toBe(AnthropicSecret);
    expect(find('AnthropicCostsProcessor').instance).toBeInstanceOf(AnthropicCostsProcessor);
    expect(find('AnthropicUsageProcessor').instance).toBeInstanceOf(AnthropicUsageProcessor);
  });
});
