import { describe, expect, it } from '@jest/globals';
import type { DescribedTable, TableWriter, WarehouseQuery } from '@pipelines/pipeline';
import { FocusUnifiedProcessor } from './focus-unified.processor.ts';

const TARGET = {
  dataset: 'acme_dev',
  table: 'focus_cost_and_usage',
  writeDisposition: 'replace_partitions',
} as const;
const WINDOW = { start: '2026-11-08', end: '2026-11-11' };

describe('FocusUnifiedProcessor', () => {
  const processor = new FocusUnifiedProcessor();
  const references = processor.sourcesFor({ target: TARGET, writers: [] });
  const described = (...tables: string[]): (DescribedTable | undefined)[] =>
    references.map((reference) =>
      tables.includes(reference.table)
        ? { reference, sqlName: `"acme_dev"."${reference.table}"`, columns: [] }
        : undefined,
    );
  const questions: WarehouseQuery[] = [];
  const queryFor = (sources: readonly (DescribedTable | undefined)[], watermark?: string) => {
    questions.length = 0;
    return processor.queryFor(
      { org: 'acme', window: WINDOW, watermark, target: TARGET, writers: [] },
      'duckdb',
      sources,
      (question) => {
        questions.push(question);
        return Promise.resolve([{ day: '2026-11-11' }, { day: '2026-10-02' }]);
      },
    );
  };

  it('reads the tables of the other pipelines in its own dataset', () => {
    expect(references).toEqual(
      ['openai_costs', 'gcp_billing_costs', 'anthropic_costs', 'anthropic_usage_messages'].map((table) => ({
        dataset: 'acme_dev',
        table,
      })),
    );
  });

  describe('given other pipelines of a known processor', () => {
    const aWriter = (name: string, table: string, credentials: string): TableWriter => ({
      pipeline: `openai/cost/${name}`,
      processorClass: 'OpenAiCostsProcessor',
      table,
      credentials,
    });
    const context = (...writers: TableWriter[]) => ({ target: TARGET, writers, org: 'acme', window: WINDOW });
    const query = (...writers: TableWriter[]) => {
      const sources = processor.sourcesFor(context(...writers));
      const found = sources.map((reference) => ({ reference, sqlName: reference.table, columns: [] }));
      return processor.queryFor(context(...writers), 'duckdb', found, () => Promise.resolve([]));
    };
    const SHIPPED = aWriter('costs_daily', 'openai_costs', 'default');

    it('reads their tables, each once', () => {
      const other = { ...aWriter('any', 'other', 'eu'), processorClass: 'OtherProcessor' };
      const sources = processor.sourcesFor(
        context(SHIPPED, aWriter('eu', 'costs_eu', 'eu'), aWriter('us', 'costs_eu', 'us'), other),
      );

      expect(sources.slice(0, 3).map(({ table }) => table)).toEqual([
        'openai_costs',
        'costs_eu',
        'gcp_billing_costs',
      ]);
    });

    it.each([
      ['two tables', 'openai_costs_again'],
      ['one table', 'openai_costs'],
    ])('refuses to bill one account twice, out of %s', async (_name, table) => {
      await expect(query(SHIPPED, aWriter('again', table, 'default'))).rejects.toMatchObject({
        code: 'configuration_invalid',
        message: expect.stringContaining(
          `openai/cost/costs_daily and openai/cost/again load costs of OpenAI with one credential, "default", into openai_costs and ${table}`,
        ),
      });
    });

    it('refuses days of an account that are there twice, and asks for those that it builds', async () => {
      const asked: WarehouseQuery[] = [];
      const twice = {
        provider: 'OpenAI',
        credential: 'eu',
        day: '2026-11-09',
        one: 'openai/cost/eu in costs_eu',
        other: 'openai/cost/europe in openai_costs',
      };
      const found = processor.sourcesFor(context(SHIPPED)).map((reference) => ({
        reference,
        sqlName: reference.table,
        columns: [{ path: '_credential', type: 'VARCHAR', repeated: false }],
      }));
      const answers = [[{ day: '2026-11-09' }], [twice]];
      const refused = processor.queryFor(
        { ...context(SHIPPED), watermark: '2026-11-10T04:00:00.000000Z' },
        'duckdb',
        found.slice(0, 1),
        (question) => Promise.resolve((asked.push(question), answers[asked.length - 1]!)),
      );

      await expect(refused).rejects.toMatchObject({
        code: 'configuration_invalid',
        message: expect.stringContaining(
          'Costs of OpenAI of 2026-11-09 that were read with the credential "eu" are there twice, from openai/cost/eu in costs_eu and from openai/cost/europe in openai_costs',
        ),
      });
      expect(asked[1]!.sql).toContain(
        `FROM openai_costs WHERE _credential IS NOT NULL AND usage_date >= DATE '2026-11-08' AND usage_date < DATE '2026-11-11')`,
      );
    });

    it('takes accounts with credentials of their own', async () => {
      const { sql } = await query(SHIPPED, aWriter('eu', 'costs_eu', 'eu'));

      expect(sql).toContain("'costs_eu' AS source_table");
      expect(sql).toContain(
        "COALESCE(CASE _pipeline WHEN 'openai/cost/eu' THEN 'eu' END, 'default') AS _credential",
      );
    });
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

  it('tells what the sources hold on the very days that are built, by provider, table, pipeline, day and currency', async () => {
    const { control } = await queryFor(
      described('gcp_billing_costs', 'anthropic_costs', 'anthropic_usage_messages'),
      '2026-11-10T04:00:00.000123Z',
    );

    const days = `(usage_date >= DATE '2026-10-02' AND usage_date < DATE '2026-10-03' OR usage_date >= DATE '2026-11-08' AND usage_date < DATE '2026-11-12')`;
    expect(control).toEqual({
      by: [
        'ServiceProviderName',
        'x_SourceTable',
        'x_SourcePipeline',
        'x_ChargeDate',
        'ChargePeriodStart',
        'BillingCurrency',
      ],
      sums: ['BilledCost', 'EffectiveCost'],
      query: {
        sql: `SELECT provider AS ServiceProviderName, source_table AS x_SourceTable, pipeline AS x_SourcePipeline, CAST(day AS VARCHAR) AS x_ChargeDate, CAST(day AS VARCHAR) AS ChargePeriodStart,
  currency AS BillingCurrency, CAST(COUNT(*) AS VARCHAR) AS row_count, CAST(SUM(cost) AS VARCHAR) AS BilledCost, CAST(SUM(cost) AS VARCHAR) AS EffectiveCost
FROM (SELECT 'Google Cloud' AS provider, 'gcp_billing_costs' AS source_table, _pipeline AS pipeline, usage_date AS day, currency AS currency, CAST(net_cost AS DECIMAL(38,18)) AS cost
  FROM "acme_dev"."gcp_billing_costs" WHERE ${days}
  UNION ALL SELECT 'Anthropic' AS provider, 'anthropic_costs' AS source_table, _pipeline AS pipeline, usage_date AS day, currency AS currency, CAST(amount AS DECIMAL(38,18)) AS cost
  FROM "acme_dev"."anthropic_costs" WHERE ${days}) AS costs
GROUP BY provider, source_table, pipeline, day, currency`,
        parameters: {},
      },
    });
  });
});
