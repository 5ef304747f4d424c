import type { FastifyInstance } from 'fastify';
import { secondsOf } from '../deterministic/days.ts';
import { adminKeyOf } from './admin-key.ts';
import { arrayOf, bucketPage, readBucketQuery } from './bucket-page.ts';
import { costLedger, FIRST_DAY_WITH_KEYS, type CostLedger } from './cost-ledger.ts';
import { COST_DIMENSIONS, costResult, groupCosts } from './cost-results.ts';
import { addDirectoryRoutes } from './directory-routes.ts';
import { OpenAiRefusal } from './openai-refusal.ts';
import { addOpenAiTruth } from './openai-truth.ts';
import { completionsOf } from './usage-ledger.ts';
import { groupUsage, USAGE_DIMENSIONS, usageResult } from './usage-results.ts';

const COST_RULES = { dimensions: COST_DIMENSIONS, maxLimit: 180 };
const USAGE_RULES = { dimensions: USAGE_DIMENSIONS, maxLimit: 31 };

/** OpenAI's organization API under `/openai/v1`, and what it ought to add up to under `/_sandbox/truth/openai`. */
export function addOpenAiRoutes(app: FastifyInstance, seed: string, costFractionDigits: number): void {
  const costsOf = costLedger(seed, costFractionDigits);
  addOpenAiTruth(app, seed, costsOf);
  app.register(
    async (api) => {
      api.setErrorHandler(async (error, _request, reply) => {
        if (!(error instanceof OpenAiRefusal)) throw error;
        return reply.status(error.status).send(error.body);
      });
      addDirectoryRoutes(api, seed);
      addCosts(api, costsOf);
      addCompletions(api, seed);
    },
    { prefix: '/openai/v1' },
  );
}

function addCosts(api: FastifyInstance, costsOf: CostLedger): void {
  api.get('/organization/costs', async (request) => {
    const apiKey = adminKeyOf(request);
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
      (date) => {
        const entries = costsOf(apiKey, date).filter((entry) =>
          wanted.every(([name, values]) => values.length === 0 || values.includes(entry[name] ?? '')),
        );
        return groupCosts(entries, query.groupBy).map((group) => costResult(group, query.groupBy));
      },
      request.fault?.kind,
    );
  });
}

function addCompletions(api: FastifyInstance, seed: string): void {
  api.get('/organization/usage/completions', async (request) => {
    const apiKey = adminKeyOf(request);
    const query = readBucketQuery(new URL(request.url, 'http://sandbox').searchParams, USAGE_RULES);
    return bucketPage(
      query,
      (date) =>
        groupUsage(completionsOf(seed, apiKey, date), query.groupBy).map((group) =>
          usageResult(group, query.groupBy, date),
        ),
      request.fault?.kind,
    );
  });
}
