import type { FastifyInstance } from 'fastify';
import { TRUTH_QUERY_SCHEMA, type TruthQuery } from '../control/truth-query.ts';
import { datesBetween } from '../deterministic/days.ts';
import { roundUnits, SCALE } from '../deterministic/fixed-point.ts';
import { ChargeSum, sumOf } from '../deterministic/sums.ts';
import { DEFAULT_API_KEY } from './admin-key.ts';
import { FIRST_DAY_WITH_KEYS, type CostLedger } from './cost-ledger.ts';
import { groupCosts } from './cost-results.ts';
import type { UsageLedger } from './usage-ledger.ts';
import { countsOf, dimensionsOf, groupUsage, USAGE_KIND_NAMES } from './usage-results.ts';

/**
 * What the pages of the API must add up to, straight from the ledger: rows grouped by every dimension the API offers
 * for the day, and their exact sums. With `scale`, sums of rows as a warehouse column of that scale keeps them.
 */
export function addOpenAiTruth(app: FastifyInstance, costsOf: CostLedger, usageOf: UsageLedger): void {
  const schema = { querystring: TRUTH_QUERY_SCHEMA };

  app.get<{ Querystring: TruthQuery }>('/_sandbox/truth/openai/costs', { schema }, async ({ query }) => {
    const { start_date, end_date, api_key = DEFAULT_API_KEY, scale = SCALE } = query;
    const total = new ChargeSum(SCALE);
    const days = datesBetween(start_date, end_date).map((date) => {
      const day = new ChargeSum(SCALE);
      for (const { first, amount } of groupCosts(costsOf(api_key, date), costDimensionsOn(date))) {
        for (const sum of [day, total]) sum.add(first.line_item, roundUnits(amount, scale));
      }
      return { date, ...day.report('line_items') };
    });
    return { start_date, end_date, currency: 'USD', ...total.report('line_items'), days };
  });

  for (const kind of USAGE_KIND_NAMES) {
    const path = `/_sandbox/truth/openai/usage/${kind}`;
    app.get<{ Querystring: TruthQuery }>(path, { schema }, async ({ query }) => {
      const { start_date, end_date, api_key = DEFAULT_API_KEY } = query;
      const days = datesBetween(start_date, end_date).map((date) => {
        const groups = groupUsage(kind, usageOf(kind, api_key, date), dimensionsOf(kind));
        const counts = groups.map((group) => group.counts);
        return { date, sums: { rows: groups.length, ...sumOf(countsOf(kind), counts) } };
      });
      const total = sumOf(
        ['rows', ...countsOf(kind)],
        days.map(({ sums }) => sums),
      );
      return { start_date, end_date, ...total, days: days.map(({ date, sums }) => ({ date, ...sums })) };
    });
  }
}

function costDimensionsOn(date: string): ('project_id' | 'line_item' | 'api_key_id')[] {
  return date < FIRST_DAY_WITH_KEYS ? ['project_id', 'line_item'] : ['project_id', 'line_item', 'api_key_id'];
}
