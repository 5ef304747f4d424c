/** A model, where it runs, and its prices in 10⁻⁹ cents per token; all are even, since batches cost half. */
export interface SandboxModel {
  readonly name: string;
  readonly label: string;
  readonly geos: readonly string[];
  readonly input: number;
  readonly output: number;
}

/** The models that the organization uses. */
export const MODELS: readonly SandboxModel[] = [
  {
    name: 'claude-opus-4-5',
    label: 'Claude Opus 4.5',
    geos: ['global', 'us'],
    input: 500_000,
    output: 2_500_000,
  },
  {
    name: 'claude-sonnet-4-5',
    label: 'Claude Sonnet 4.5',
    geos: ['global', 'us'],
    input: 300_000,
    output: 1_500_000,
  },
  { name: 'claude-haiku-4-5', label: 'Claude Haiku 4.5', geos: ['global'], input: 100_000, output: 500_000 },
  // Older than the choice of a geography.
  {
    name: 'claude-3-5-haiku-20241022',
    label: 'Claude Haiku 3.5',
    geos: ['not_available'],
    input: 80_000,
    output: 400_000,
  },
];

/** The counts of tokens, as the cost report calls them, what its descriptions call them, and their price by the model's. */
export const TOKEN_TYPES = [
  {
    count: 'uncached_input_tokens',
    tokenType: 'uncached_input_tokens',
    label: 'Input Tokens',
    price: ({ input }: SandboxModel) => input,
  },
  {
    count: 'cache_creation_5m',
    tokenType: 'cache_creation.ephemeral_5m_input_tokens',
    label: 'Input Tokens, Cache Write (5m)',
    price: ({ input }: SandboxModel) => (input * 5) / 4,
  },
  {
    count: 'cache_creation_1h',
    tokenType: 'cache_creation.ephemeral_1h_input_tokens',
    label: 'Input Tokens, Cache Write (1h)',
    price: ({ input }: SandboxModel) => input * 2,
  },
  {
    count: 'cache_read_input_tokens',
    tokenType: 'cache_read_input_tokens',
    label: 'Input Tokens, Cache Read',
    price: ({ input }: SandboxModel) => input / 10,
  },
  {
    count: 'output_tokens',
    tokenType: 'output_tokens',
    label: 'Output Tokens',
    price: ({ output }: SandboxModel) => output,
  },
] as const;

/** What a web search costs, in 10⁻⁹ cents: ten dollars for a thousand. */
export const WEB_SEARCH_PRICE = 1_000_000_000;
