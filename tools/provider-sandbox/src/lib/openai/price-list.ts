/** A model and its prices in picodollars (10⁻¹² USD) per token. */
export interface SandboxModel {
  readonly name: string;
  readonly prices: readonly (readonly [direction: string, picodollars: number])[];
}

const tokens = (name: string, input: number, cached: number, output: number): SandboxModel => ({
  name,
  prices: [
    ['input', input],
    ['cached input', cached],
    ['output', output],
  ],
});

/** The models that the organization uses, by names that the provider gave to models. */
export const MODELS: readonly SandboxModel[] = [
  tokens('gpt-4o-2024-08-06', 2_500_000, 1_250_000, 10_000_000),
  tokens('gpt-4o-mini-2024-07-18', 150_000, 75_000, 600_000),
  tokens('gpt-4.1-2025-04-14', 2_000_000, 500_000, 8_000_000),
  tokens('gpt-4.1-nano-2025-04-14', 100_000, 25_000, 400_000),
  tokens('o3-2025-04-16', 2_000_000, 500_000, 8_000_000),
  tokens('o4-mini-2025-04-16', 1_100_000, 275_000, 4_400_000),
  tokens('gpt-audio-mini-2025-12-15 audio', 10_000_000, 300_000, 20_000_000),
  { name: 'text-embedding-3-large', prices: [['input', 130_000]] },
];

/** Things that are not tokens of a model: label, unit, and picodollars per hundredth of the unit. */
export const EXTRAS = [
  { lineItem: 'whisper-1, audio', unit: 'duration_seconds', picodollars: 1_000_000, hasKey: true },
  { lineItem: 'web search tool calls', unit: null, picodollars: 100_000_000, hasKey: true },
  { lineItem: 'Vector storage', unit: 'gibibyte_hours', picodollars: 41_666_667, hasKey: false },
] as const;
