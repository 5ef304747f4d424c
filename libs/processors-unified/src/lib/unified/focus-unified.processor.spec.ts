import { describe, expect, it } from '@jest/globals';
import type { DescribedTable, WarehouseQuery } from '@pipelines/pipeline';
import { FocusUnifiedProcessor } from './focus-unified.processor.ts';

const TARGET = {
  dataset: 'acme_dev',
  table: 'focus_cost_and_usage',
  writeDisposition: 'replace_partitions',
} as const;
const WINDOW = { start: '2026-11-08', end: '2026-11-11' };

describe('FocusUnifiedProcessor', () => {
  const processor = new FocusUnifiedProcessor();
  const references = processor.sourcesFor({ target: TARGET });
  const described = (...tables: string[]): (DescribedTable | undefined)[] =>
    references.map((reference) =>
      tables.includes(reference.table)
        ? { reference, sqlName: `"acme_dev"."${reference.table}"`, columns: [] }
        : undefined,
    );
  const questions: WarehouseQuery[] = [];
  const queryFor = (sources: readonly (DescribedTable | undefined)[], watermark?: string) => {
    questions.length = 0;
    return processor.queryFor({ org: 'acme', window: WINDOW, watermark }, 'duckdb', sources, (question) => {
      questions.push(question);
      return Promise.resolve([{ day: '2026-11-11' }, { day: '2026-10-02' }]);
    });
  };

  it('reads the tables of the other pipelines in its own dataset', () => {
    expect(references).toEqual(
      ['openai_costs', 'gcp_billing_costs', 'anthropic_costs', 'anthropic_usage_messages'].map((table) => ({
        dataset: 'acme_dev',
        table,
      })),
    );
  });

  it('builds every day at first', async () => {
    const { sql } = await queryFor(described('openai_costs'));

    expect(questions).toEqual([]);
    expect(sql).toContain('FROM "acme_dev"."openai_costs" WHERE TRUE');
  });

  it('asks which days were loaded since a day before the watermark, and builds them beside the window', async () => {
    const { sql } = await queryFor(
      described('openai_costs', 'anthropic_costs'),
      '2026-11-10T04:00:00.000123Z',
    );

    expect(questions).toEqual([
      {
        sql: `SELECT DISTINCT CAST(day AS VARCHAR) AS day FROM (SELECT usage_date AS day FROM "acme_dev"."openai_costs" WHERE _loaded_at > CAST($loaded_after AS TIMESTAMP) UNION ALL SELECT usage_date AS day FROM "acme_dev"."anthropic_costs" WHERE _loaded_at > CAST($loaded_after AS TIMESTAMP)) AS loaded`,
        parameters: { loaded_after: '2026-11-09T04:00:00.000Z' },
      },
    ]);
    const days = `(usage_date >= DATE '2026-10-02' AND usage_date < DATE '2026-10-03' OR usage_date >= DATE '2026-11-08' AND usage_date < DATE '2026-11-12')`;
    for (const table of ['openai_costs', 'anthropic_costs']) {
      expect(sql).toContain(`FROM "acme_dev"."${table}" WHERE ${days}`);
    }
    expect(sql).not.toContain('gcp_billing_costs');
  });

  it('needs no source at all', async () => {
    const { sql, parameters, control } = await queryFor(described(), '2026-11-10T04:00:00.000123Z');

    expect(questions).toEqual([]);
    expect(sql).toMatch(/WHERE FALSE$/);
    expect(parameters).toEqual({});
    expect(control).toBeUndefined();
  });

  it('tells what the sources hold on the very days that are built, by provider, day and currency', async () => {
    const { control } = await queryFor(
      described('gcp_billing_costs', 'anthropic_costs', 'anthropic_usage_messages'),
      '2026-11-10T04:00:00.000123Z',
    );

    const days = `(usage_date >= DATE '2026-10-02' AND usage_date < DATE '2026-10-03' OR usage_date >= DATE '2026-11-08' AND usage_date < DATE '2026-11-12')`;
    expect(control).toEqual({
      by: ['ServiceProviderName', 'x_ChargeDate', 'ChargePeriodStart', 'BillingCurrency'],
      sums: ['BilledCost', 'EffectiveCost'],
      query: {
        sql: `SELECT provider AS ServiceProviderName, CAST(day AS VARCHAR) AS x_ChargeDate, CAST(day AS VARCHAR) AS ChargePeriodStart,
  currency AS BillingCurrency, CAST(COUNT(*) AS VARCHAR) AS row_count, CAST(SUM(cost) AS VARCHAR) AS BilledCost, CAST(SUM(cost) AS VARCHAR) AS EffectiveCost
FROM (SELECT 'Google Cloud' AS provider, usage_date AS day, currency AS currency, CAST(net_cost AS DECIMAL(38,18)) AS cost
  FROM "acme_dev"."gcp_billing_costs" WHERE ${days}
  UNION ALL SELECT 'Anthropic' AS provider, usage_date AS day, currency AS currency, CAST(amount AS DECIMAL(38,18)) AS cost
  FROM "acme_dev"."anthropic_costs" WHERE ${days}) AS costs
GROUP BY provider, day, currency`,
        parameters: {},
      },
    });
  });
});
