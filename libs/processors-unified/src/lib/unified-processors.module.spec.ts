import { describe, expect, it } from '@jest/globals';
import { Test } from '@nestjs/testing';
import { ProcessorFactory, ProcessorsModule, ProviderRegistry } from '@pipelines/pipeline';
import { FocusUnifiedProcessor, UnifiedProcessorsModule } from '../index.ts';

describe('UnifiedProcessorsModule', () => {
  it('announces its processor, and a provider that takes no credential', async () => {
    const app = await Test.createTestingModule({
      imports: [ProcessorsModule, UnifiedProcessorsModule],
    }).compile();

    expect(app.get(ProviderRegistry).get('focus').secret).toBeUndefined();
    expect(
      app.get(ProcessorFactory).find('FocusUnifiedProcessor', '@pipelines/processors-unified').instance,
    ).toBeInstanceOf(FocusUnifiedProcessor);
  });
});
