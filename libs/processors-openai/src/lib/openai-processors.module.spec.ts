import { describe, expect, it } from '@jest/globals';
import { Test } from '@nestjs/testing';
import { ProcessorFactory, ProcessorsModule, ProviderRegistry } from '@pipelines/pipeline';
import { OpenAiCostsProcessor, OpenAiProcessorsModule, OpenAiUsageProcessor } from '../index.ts';
import { OpenAiSecret } from './openai.secret.ts';

describe('OpenAiProcessorsModule', () => {
  it('announces its provider and processors to the application', async () => {
    const app = await Test.createTestingModule({
      imports: [
        ProcessorsModule,
        OpenAiProcessorsModule.forRootAsync({ useFactory: () => ({ baseUrl: 'https://api.openai.com/v1' }) }),
      ],
    }).compile();
    const factory = app.get(ProcessorFactory);
    const find = (name: string) => factory.find(name, '@pipelines/processors-openai');

    expect(app.get(ProviderRegistry).get('openai').secret).toBe(OpenAiSecret);
    expect(find('OpenAiCostsProcessor').instance).toBeInstanceOf(OpenAiCostsProcessor);
    expect(find('OpenAiUsageProcessor').instance).toBeInstanceOf(OpenAiUsageProcessor);
  });
});
