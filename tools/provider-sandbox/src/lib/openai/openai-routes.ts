import type { FastifyInstance } from 'fastify';
import type { SandboxClock } from '../control/clock.ts';
import { dateOf, secondsOf } from '../deterministic/days.ts';
import { isInBucket } from '../deterministic/hours.ts';
import { adminKeyOf } from './admin-key.ts';
import { arrayOf, bucketPage, daily, HOURLY, MINUTELY, readBucketQuery } from './bucket-page.ts';
import { costLedger, FIRST_DAY_WITH_KEYS, type CostLedger } from './cost-ledger.ts';
import { COST_DIMENSIONS, costResult, groupCosts } from './cost-results.ts';
import { addDirectoryRoutes } from './directory-routes.ts';
import { directoryOf } from './directory.ts';
import { OpenAiRefusal } from './openai-refusal.ts';
import { addOpenAiTruth } from './openai-truth.ts';
import { usageLedger, type UsageLedger } from './usage-ledger.ts';
import { dimensionsOf, groupUsage, USAGE_KIND_NAMES, usageResult } from './usage-results.ts';

const COST_RULES = {
  dimensions: COST_DIMENSIONS,
  filters: COST_DIMENSIONS.map((name) => `${name}s`),
  widths: { '1d': daily(180) },
};
const USAGE_WIDTHS = { '1d': daily(31), '1h': HOURLY, '1m': MINUTELY };

/** OpenAI's organization API under `/openai/v1`, and what it ought to add up to under `/_sandbox/truth/openai`. */
export function addOpenAiRoutes(
  app: FastifyInstance,
  seed: string,
  clock: SandboxClock,
  costFractionDigits: number,
): void {
  const costsOf = costLedger(seed, clock, costFractionDigits);
  const usageOf = usageLedger(seed, clock);
  addOpenAiTruth(app, costsOf, usageOf);
  app.register(
    async (api) => {
      api.setErrorHandler(async (error, _request, reply) => {
        if (!(error instanceof OpenAiRefusal)) throw error;
        return reply.status(error.status).send(error.body);
      });
      addDirectoryRoutes(api, seed);
      addCosts(api, seed, costsOf);
      for (const kind of USAGE_KIND_NAMES) addUsage(api, kind, usageOf);
    },
    { prefix: '/openai/v1' },
  );
}

function addCosts(api: FastifyInstance, seed: string, costsOf: CostLedger): void {
  api.get('/organization/costs', async (request) => {
    const apiKey = adminKeyOf(request);
    const { organizationId } = directoryOf(seed, apiKey);
    const parameters = new URL(request.url, 'http://sandbox').searchParams;
    const query = readBucketQuery(parameters, COST_RULES);
    const epoch = secondsOf(FIRST_DAY_WITH_KEYS);
    if (query.groupBy.includes('api_key_id') && Number(parameters.get('start_time')) < epoch) {
      const message = `Grouping by api_key_id is only supported for start_time >= ${epoch}.`;
      throw new OpenAiRefusal(400, message, 'group_by');
    }
    const wanted = COST_DIMENSIONS.map((name) => [name, arrayOf(parameters, `${name}s`)] as const);
    return bucketPage(
      query,
      (start) => {
        const entries = costsOf(apiKey, dateOf(start)).filter((entry) =>
          wanted.every(([name, values]) => values.length === 0 || values.includes(entry[name] ?? '')),
        );
        return groupCosts(entries, query.groupBy).map((group) =>
          costResult(group, query.groupBy, organizationId),
        );
      },
      request.fault?.kind,
    );
  });
}

function addUsage(api: FastifyInstance, kind: string, usageOf: UsageLedger): void {
  const rules = { dimensions: dimensionsOf(kind), widths: USAGE_WIDTHS };
  api.get(`/organization/usage/${kind}`, async (request) => {
    const apiKey = adminKeyOf(request);
    const query = readBucketQuery(new URL(request.url, 'http://sandbox').searchParams, rules);
    return bucketPage(
      query,
      (start) => {
        const date = dateOf(start);
        const entries = usageOf(kind, apiKey, date).filter((entry) => isInBucket(entry, start, query.width));
        return groupUsage(kind, entries, query.groupBy).map((group) =>
          usageResult(kind, group, query.groupBy, date),
        );
      },
      request.fault?.kind,
    );
  });
}
