import { describe, expect, it } from '@jest/globals';
import { nearestName } from './nearest-name.ts';

describe('nearestName', () => {
  it('offers the closest known name', () => {
    expect(nearestName('OpenAICostProcessor', ['OpenAiUsageProcessor', 'OpenAiCostsProcessor'])).toBe(
      'OpenAiCostsProcessor',
    );
  });

  it('offers nothing when nothing is close', () => {
    expect(nearestName('snowflake', ['gcp', 'openai'])).toBeUndefined();
    expect(nearestName('x', [])).toBeUndefined();
  });
});
