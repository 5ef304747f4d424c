import { describe, expect, it } from '@jest/globals';
import { LineItems, parseLineItem } from './line-item.ts';

describe('parseLineItem', () => {
  it.each<[string, string | null, string, string | null, string | null, string | null]>([
    [
      'gpt-4o-mini-2024-07-18, input',
      null,
      'gpt-4o-mini-2024-07-18',
      'gpt-4o-mini-2024-07-18',
      'input',
      null,
    ],
    ['o3, cached input', null, 'o3', 'o3', 'cached input', null],
    ['gpt-6-astra, input_tokens', null, 'gpt-6-astra', 'gpt-6-astra', 'input_tokens', null],
    [
      'priority | gpt-5.6-sol, output, long context',
      'priority',
      'gpt-5.6-sol',
      'gpt-5.6-sol',
      'output',
      'long context',
    ],
    [
      'gpt-audio-mini-2025-12-15 audio, input',
      null,
      'gpt-audio-mini-2025-12-15 audio',
      'gpt-audio-mini-2025-12-15',
      'input',
      null,
    ],
    [
      'ft:gpt-4o-mini-2024-07-18:acme::AbC, output',
      null,
      'ft:gpt-4o-mini-2024-07-18:acme::AbC',
      'ft:gpt-4o-mini-2024-07-18:acme::AbC',
      'output',
      null,
    ],
    ['whisper-1, audio', null, 'whisper-1', 'whisper-1', 'audio', null],
    ['web search tool calls', null, 'web search tool calls', null, null, null],
    ['Vector storage', null, 'Vector storage', null, null, null],
    ['images, large', null, 'images', null, 'large', null],
    ['', null, '', null, null, null],
    ['a | b', 'a', 'b', null, null, null],
    [' | ', null, ' | ', null, null, null],
  ])('takes %j apart', (lineItem, serviceTier, product, model, meter, qualifiers) => {
    expect(parseLineItem(lineItem)).toEqual({ serviceTier, product, model, meter, qualifiers });
  });
});

describe('LineItems', () => {
  it('takes each line item apart, however many there are', () => {
    const lineItems = new LineItems();
    const texts = Array.from({ length: 2_500 }, (_, index) => `o${index % 1_250}, input`);

    expect(texts.map((text) => lineItems.parse(text))).toEqual(texts.map(parseLineItem));
  });
});
