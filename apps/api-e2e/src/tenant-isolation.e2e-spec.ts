import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { addDays } from '@pipelines/pipeline';
import { FakeProvider, type FakeReply, type FakeRequest } from '@pipelines/pipeline/testing';
import type { RunStatus } from '@pipelines/service-driver';
import { TestService } from './testing/test-service.ts';
import { startRun, untilEnded } from './testing/until-ended.ts';

const COSTS = 'openai/cost/costs_daily';
const RUNS = 20;
const DAYS = Array.from({ length: RUNS }, (_, index) => addDays('2026-01-05', index));
/** What the provider charges each organization for any day, by the key that asks. */
const TENANTS = {
  alpha: { key: 'sk-admin-alpha-0123456789abcdef', amount: '1.000000001', rows: 300 },
  beta: { key: 'sk-admin-beta-0123456789abcdef0', amount: '-2.25', rows: 200 },
};
type Org = keyof typeof TENANTS;
const ORGS = Object.keys(TENANTS) as Org[];

function costs({ headers, query }: FakeRequest): FakeReply {
  const org = ORGS.find((name) => headers.authorization === `Bearer ${TENANTS[name].key}`);
  if (!org) return { status: 401, body: '{}' };
  const { amount, rows } = TENANTS[org];
  const results = Array.from(
    { length: rows },
    (_, row) =>
      `{"amount":{"value":${amount},"currency":"usd"},"line_item":"of ${org}","project_id":"proj_${row}"}`,
  );
  return {
    body: `{"data":[{"start_time":${query.get('start_time')},"results":[${results.join()}]}],"has_more":false}`,
  };
}

describe('two organizations that run the same pipeline at once', () => {
  let provider: FakeProvider;
  let service: TestService;

  beforeAll(async () => {
    provider = await FakeProvider.start();
    provider.answer = costs;
    service = await TestService.start({ OPENAI_BASE_URL: `${provider.url}/v1` });
  }, 90_000);

  afterAll(async () => {
    await service.stop();
    await provider.stop();
  });

  it(`share no row, in ${RUNS} runs each, neither in the target nor in staging`, async () => {
    const clients = await Promise.all(
      ORGS.map(async (org) => ({
        org,
        api: await service.givenOrganization(org, { openai: { api_key: TENANTS[org].key } }),
      })),
    );

    const runs = await Promise.all(
      DAYS.flatMap((date) =>
        clients.map(async ({ org, api }) => ({
          org,
          date,
          id: await startRun(api, org, COSTS, { date }),
          api,
        })),
      ),
    );
    const ended: { org: Org; date: string; run: RunStatus }[] = [];
    for (const { org, date, id, api } of runs) ended.push({ org, date, run: await untilEnded(api, org, id) });

    for (const { org, run } of ended) {
      const { amount, rows } = TENANTS[org];
      const sum = amount === '-2.25' ? '-450' : '300.0000003';
      expect(run).toMatchObject({
        status: 'completed',
        receipt: {
          rows: { extracted: rows, staged: rows, committed: rows, replaced: 0 },
          money: { extracted: [{ sum }], staged: [{ sum }] },
        },
      });
    }
    for (const org of ORGS) {
      const own = ended.filter((run) => run.org === org);
      const loaded = await service.rows(
        `SELECT usage_date, line_item, amount, _run_id, count(*) AS rows FROM ${org}_dev.openai_costs GROUP BY ALL ORDER BY 1`,
      );
      expect(loaded).toEqual(
        own.map(({ date, run }) => ({
          usage_date: date,
          line_item: `of ${org}`,
          amount: expect.stringContaining(TENANTS[org].amount),
          _run_id: run.run_id,
          rows: String(TENANTS[org].rows),
        })),
      );
    }
    expect(await readdir(join(service.directory, 'staging'))).toEqual([]);
  }, 120_000);
});
