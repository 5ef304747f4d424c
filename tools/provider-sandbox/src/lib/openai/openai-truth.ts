import type { FastifyInstance } from 'fastify';
import { datesBetween } from '../deterministic/days.ts';
import { roundUnits, SCALE, toDecimalText } from '../deterministic/fixed-point.ts';
import { DEFAULT_API_KEY } from './admin-key.ts';
import { FIRST_DAY_WITH_KEYS, type CostLedger } from './cost-ledger.ts';
import { groupCosts } from './cost-results.ts';
import { completionsOf, USAGE_COUNTS } from './usage-ledger.ts';
import { groupUsage, USAGE_DIMENSIONS } from './usage-results.ts';

interface TruthQuery {
  readonly start_date: string;
  readonly end_date: string;
  readonly api_key?: string;
  readonly scale?: number;
}

const DATE = { type: 'string', pattern: '^\\d{4}-\\d{2}-\\d{2}$' };
const QUERY_SCHEMA = {
  type: 'object',
  required: ['start_date', 'end_date'],
  additionalProperties: false,
  properties: {
    start_date: DATE,
    end_date: DATE,
    api_key: { type: 'string' },
    /** Fraction digits to which every row is rounded half to even before it is summed. */
    scale: { type: 'integer', minimum: 0, maximum: SCALE },
  },
};

/**
 * What the pages of the API must add up to, straight from the ledger: rows grouped by every dimension the API offers
 * for the day, and their exact sums. With `scale`, sums of rows as a warehouse column of that scale keeps them.
 */
export function addOpenAiTruth(app: FastifyInstance, seed: string, costsOf: CostLedger): void {
  const schema = { querystring: QUERY_SCHEMA };

  app.get<{ Querystring: TruthQuery }>('/_sandbox/truth/openai/costs', { schema }, async ({ query }) => {
    const { start_date, end_date, api_key = DEFAULT_API_KEY, scale = SCALE } = query;
    const total = new CostSum();
    const days = datesBetween(start_date, end_date).map((date) => {
      const day = new CostSum();
      for (const { first, amount } of groupCosts(costsOf(api_key, date), dimensionsOn(date))) {
        for (const sum of [day, total]) sum.add(first.line_item, roundUnits(amount, scale));
      }
      return { date, ...day.report() };
    });
    return { start_date, end_date, currency: 'USD', ...total.report(), days };
  });

  app.get<{ Querystring: TruthQuery }>(
    '/_sandbox/truth/openai/usage/completions',
    { schema },
    async ({ query }) => {
      const { start_date, end_date, api_key = DEFAULT_API_KEY } = query;
      const days = datesBetween(start_date, end_date).map((date) => {
        const groups = groupUsage(completionsOf(seed, api_key, date), USAGE_DIMENSIONS);
        return { date, rows: groups.length, ...countsOf(groups.map(({ counts }) => counts)) };
      });
      return {
        start_date,
        end_date,
        rows: days.reduce((rows, day) => rows + day.rows, 0),
        ...countsOf(days),
        days,
      };
    },
  );
}

function dimensionsOn(date: string): ('project_id' | 'line_item' | 'api_key_id')[] {
  return date < FIRST_DAY_WITH_KEYS ? ['project_id', 'line_item'] : ['project_id', 'line_item', 'api_key_id'];
}

class CostSum {
  private rows = 0;
  private amount = 0n;
  private readonly lineItems = new Map<string, bigint>();

  add(lineItem: string, amount: bigint): void {
    this.rows++;
    this.amount += amount;
    this.lineItems.set(lineItem, (this.lineItems.get(lineItem) ?? 0n) + amount);
  }

  report(): { rows: number; amount: string; line_items: Record<string, string> } {
    const lineItems = [...this.lineItems].map(([name, amount]) => [name, toDecimalText(amount)] as const);
    return { rows: this.rows, amount: toDecimalText(this.amount), line_items: Object.fromEntries(lineItems) };
  }
}

type Counts = Record<(typeof USAGE_COUNTS)[number], number>;

function countsOf(parts: readonly Counts[]): Counts {
  const sum = (name: keyof Counts): number => parts.reduce((total, part) => total + part[name], 0);
  return Object.fromEntries(USAGE_COUNTS.map((name) => [name, sum(name)])) as Counts;
}
