import type { FastifyInstance } from 'fastify';
import { toDecimalText } from '../../deterministic/fixed-point.ts';
import { billingRowsBetween } from './billing-ledger.ts';
import type { BillingRow } from './billing-row.ts';

interface TruthQuery {
  readonly start_date: string;
  readonly end_date: string;
  readonly until?: string;
}

const DATE = { type: 'string', pattern: '^\\d{4}-\\d{2}-\\d{2}$' };
const QUERY_SCHEMA = {
  type: 'object',
  required: ['start_date', 'end_date'],
  additionalProperties: false,
  properties: { start_date: DATE, end_date: DATE, until: { type: 'string', format: 'date-time' } },
};

/** What was charged for the usage of a day, by one service, in one currency. Exact decimals. */
export interface BilledService {
  readonly day: string;
  readonly service: string;
  readonly currency: string;
  readonly rows: number;
  readonly cost: string;
  readonly credits: string;
  readonly net_cost: string;
}

/** What a billing export that was filled until then must add up to, straight from the ledger; rows that lack something add nothing. */
export function gcpBillingTruth(
  seed: string,
  start: string,
  end: string,
  until: string = new Date().toISOString(),
): readonly BilledService[] {
  const groups = new Map<string, BillingRow[]>();
  for (const row of billingRowsBetween(seed, start, end, until)) {
    if (row.lacks !== undefined) continue;
    const key = JSON.stringify([row.usageStart.slice(0, 10), row.service.description, row.currency]);
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  return [...groups]
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([key, rows]) => {
      const [day, service, currency] = JSON.parse(key) as [string, string, string];
      const cost = rows.reduce((sum, row) => sum + row.cost, 0n);
      const credits = rows.reduce(
        (sum, row) => sum + row.credits.reduce((all, { micros }) => all + micros, 0n),
        0n,
      );
      return {
        day,
        service,
        currency,
        rows: rows.length,
        cost: toDecimalText(cost, 6),
        credits: toDecimalText(credits, 6),
        net_cost: toDecimalText(cost + credits, 6),
      };
    });
}

/** `/_sandbox/truth/gcp/billing`: {@link gcpBillingTruth} of the sandbox's seed. */
export function addGcpBillingTruth(app: FastifyInstance, seed: string): void {
  app.get<{ Querystring: TruthQuery }>(
    '/_sandbox/truth/gcp/billing',
    { schema: { querystring: QUERY_SCHEMA } },
    async ({ query }) => ({
      start_date: query.start_date,
      end_date: query.end_date,
      services: gcpBillingTruth(seed, query.start_date, query.end_date, query.until),
    }),
  );
}
