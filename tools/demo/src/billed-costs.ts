import { addDecimals } from '@pipelines/pipeline';
import { gcpBillingTruth } from '@pipelines/provider-sandbox';
import type { ServiceCost } from './warehouse-report.ts';

/** Half-open span of UTC days. */
export interface DaySpan {
  readonly start_date: string;
  readonly end_date: string;
}

/** Decimal sums by `provider currency`. */
type Totals = Readonly<Record<string, string>>;

const SEED = 'pipelines';
/** Fraction digits that a DuckDB column of money keeps. */
const KEPT_DIGITS = '18';

/**
 * Compares the total of each provider and currency with what the sandbox's own books say that it billed.
 * @param exportedUntil Instant up to which the sandbox's Google has filled its billing export.
 * @returns The totals, which are the same.
 * @throws Error when they differ in any digit.
 */
export async function compareWithBilled(
  sandboxUrl: string,
  span: DaySpan,
  exportedUntil: Date,
  costs: readonly ServiceCost[],
): Promise<Totals> {
  const loaded = totalsOf(costs.map(({ provider, currency, amount }) => [`${provider} ${currency}`, amount]));
  const google = gcpBillingTruth(SEED, span.start_date, span.end_date, exportedUntil.toISOString());
  const billed = totalsOf([
    ['OpenAI USD', await billedBy(sandboxUrl, 'openai', span)],
    ['Anthropic USD', await billedBy(sandboxUrl, 'anthropic', span)],
    ...google.map(({ currency, net_cost }) => [`Google Cloud ${currency}`, net_cost] as const),
  ]);
  for (const name of new Set([...Object.keys(loaded), ...Object.keys(billed)])) {
    if (loaded[name] === billed[name]) continue;
    throw new Error(
      `The unified table holds ${loaded[name] ?? 'nothing'} of ${name}, but ${billed[name] ?? 'nothing'} was billed.`,
    );
  }
  return loaded;
}

async function billedBy(sandboxUrl: string, provider: string, span: DaySpan): Promise<string> {
  const query = new URLSearchParams({ ...span, scale: KEPT_DIGITS });
  const response = await fetch(`${sandboxUrl}/_sandbox/truth/${provider}/costs?${query}`);
  return ((await response.json()) as { amount: string }).amount;
}

function totalsOf(amounts: readonly (readonly [name: string, amount: string])[]): Totals {
  const totals: Record<string, string> = {};
  for (const [name, amount] of amounts) totals[name] = addDecimals(totals[name] ?? '0', amount);
  return totals;
}
