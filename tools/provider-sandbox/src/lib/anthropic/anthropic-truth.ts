import type { FastifyInstance } from 'fastify';
import { TRUTH_QUERY_SCHEMA, type TruthQuery } from '../control/truth-query.ts';
import { datesBetween } from '../deterministic/days.ts';
import { roundUnits, SCALE } from '../deterministic/fixed-point.ts';
import { ChargeSum, sumOf } from '../deterministic/sums.ts';
import { DEFAULT_API_KEY } from './admin-key.ts';
import type { CostLedger } from './cost-ledger.ts';
import { COST_DIMENSIONS, groupCosts } from './cost-results.ts';
import { USAGE_COUNTS, type UsageLedger } from './usage-ledger.ts';
import { groupUsage, TOLD_DIMENSIONS } from './usage-results.ts';

/** Fraction digits of the ledger's units, which are parts of cents, when they are counted as parts of dollars. */
const DOLLAR_SCALE = SCALE + 2;

/**
 * What the pages of the API must add up to, straight from the ledger: rows grouped by every dimension that a query has room for, and their exact
 * sums, in dollars. With `scale`, sums of rows as a warehouse column of that scale keeps them.
 */
export function addAnthropicTruth(app: FastifyInstance, costsOf: CostLedger, usageOf: UsageLedger): void {
  const schema = { querystring: TRUTH_QUERY_SCHEMA };

  app.get<{ Querystring: TruthQuery }>('/_sandbox/truth/anthropic/costs', { schema }, async ({ query }) => {
    const { start_date, end_date, api_key = DEFAULT_API_KEY, scale = DOLLAR_SCALE } = query;
    const total = new ChargeSum(DOLLAR_SCALE);
    const days = datesBetween(start_date, end_date).map((date) => {
      const day = new ChargeSum(DOLLAR_SCALE);
      for (const { first, amount } of groupCosts(costsOf(api_key, date), COST_DIMENSIONS)) {
        for (const sum of [day, total]) sum.add(first.description, roundUnits(amount, scale - 2));
      }
      return { date, ...day.report('descriptions') };
    });
    return { start_date, end_date, currency: 'USD', ...total.report('descriptions'), days };
  });

  const path = '/_sandbox/truth/anthropic/usage/messages';
  app.get<{ Querystring: TruthQuery }>(path, { schema }, async ({ query }) => {
    const { start_date, end_date, api_key = DEFAULT_API_KEY } = query;
    const days = datesBetween(start_date, end_date).map((date) => {
      const groups = groupUsage(usageOf(api_key, date), TOLD_DIMENSIONS);
      const counts = groups.map((group) => group.counts);
      return { date, sums: { rows: groups.length, ...sumOf(USAGE_COUNTS, counts) } };
    });
    const total = sumOf(
      ['rows', ...USAGE_COUNTS],
      days.map(({ sums }) => sums),
    );
    return { start_date, end_date, ...total, days: days.map(({ date, sums }) => ({ date, ...sums })) };
  });
}
