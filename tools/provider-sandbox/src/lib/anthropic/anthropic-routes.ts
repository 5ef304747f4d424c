import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { SandboxClock } from '../control/clock.ts';
import { dateOf, DAY_SECONDS, secondsOf } from '../deterministic/days.ts';
import { isInBucket } from '../deterministic/hours.ts';
import { adminKeyOf } from './admin-key.ts';
import { AnthropicRefusal, answerRefusals } from './anthropic-refusal.ts';
import { addAnthropicTruth } from './anthropic-truth.ts';
import { bucketPage, DAILY, HOURLY, MINUTELY, readBucketQuery } from './bucket-page.ts';
import { costLedger, type CostLedger } from './cost-ledger.ts';
import { COST_DIMENSIONS, costResult, groupCosts } from './cost-results.ts';
import { addDirectoryRoutes } from './directory-routes.ts';
import { usageLedger, type UsageLedger } from './usage-ledger.ts';
import { groupUsage, USAGE_DIMENSIONS, usageResult } from './usage-results.ts';

const COST_RULES = { dimensions: COST_DIMENSIONS, widths: { '1d': DAILY } };
/** Lets usage be grouped by speed. */
const FAST_MODE = 'fast-mode-2026-02-01';
const USAGE_RULES = { dimensions: USAGE_DIMENSIONS, widths: { '1d': DAILY, '1h': HOURLY, '1m': MINUTELY } };

/** Anthropic's Admin API under `/anthropic/v1`, and what it ought to add up to under `/_sandbox/truth/anthropic`. */
export function addAnthropicRoutes(
  app: FastifyInstance,
  seed: string,
  clock: SandboxClock,
  costFractionDigits: number,
): void {
  const costsOf = costLedger(seed, clock, costFractionDigits);
  const usageOf = usageLedger(seed, clock);
  addAnthropicTruth(app, costsOf, usageOf);
  app.register(
    async (api) => {
      answerRefusals(api);
      addDirectoryRoutes(api, seed);
      addCostReport(api, clock, costsOf);
      addUsageReport(api, usageOf);
    },
    { prefix: '/anthropic/v1' },
  );
}

function addCostReport(api: FastifyInstance, clock: SandboxClock, costsOf: CostLedger): void {
  api.get('/organizations/cost_report', async (request) => {
    const apiKey = adminKeyOf(request);
    const query = readBucketQuery(new URL(request.url, 'http://sandbox').searchParams, COST_RULES);
    if (query.start + DAY_SECONDS > Math.min(query.end, secondsOf(clock.today()))) {
      throw new AnthropicRefusal(
        'invalid_request_error',
        'No completed day lies between starting_at and ending_at.',
      );
    }
    return bucketPage(
      query,
      (start) =>
        groupCosts(costsOf(apiKey, dateOf(start)), query.groupBy).map((group) =>
          costResult(group, query.groupBy),
        ),
      request.fault?.kind,
    );
  });
}

function addUsageReport(api: FastifyInstance, usageOf: UsageLedger): void {
  api.get('/organizations/usage_report/messages', async (request) => {
    const apiKey = adminKeyOf(request);
    const query = readBucketQuery(new URL(request.url, 'http://sandbox').searchParams, USAGE_RULES);
    if (query.groupBy.includes('speed') && !betasOf(request).includes(FAST_MODE)) {
      throw new AnthropicRefusal(
        'invalid_request_error',
        `group_by[]: speed requires the header anthropic-beta: ${FAST_MODE}`,
      );
    }
    return bucketPage(
      query,
      (start) => {
        const entries = usageOf(apiKey, dateOf(start)).filter((entry) =>
          isInBucket(entry, start, query.width),
        );
        return groupUsage(entries, query.groupBy).map((group) => usageResult(group, query.groupBy));
      },
      request.fault?.kind,
    );
  });
}

function betasOf({ headers }: FastifyRequest): readonly string[] {
  return String(headers['anthropic-beta'] ?? '')
    .split(',')
    .map((beta) => beta.trim());
}
