import { describe, expect, it } from '@jest/globals';
import {
  Secret,
  type DescribedTable,
  type QueryContext,
  type StagingQuery,
  type TextRow,
  type WarehouseEngine,
  type WarehouseQuery,
} from '@pipelines/pipeline';
import { contextOf, SERVICE_ACCOUNT } from '../testing/gcp-answers.ts';
import type { GcpSecret } from '../gcp.secret.ts';
import type { GcpBillingExportOptions } from './gcp-billing-export.options.ts';
import { REQUIRED_PATHS } from './gcp-billing-export.paths.ts';
import { GcpBillingExportProcessor } from './gcp-billing-export.processor.ts';

const TABLE = 'gcp_billing_export_v1_01AB23_CD45EF_678901';
const WATERMARK = '2026-11-03T06:00:00.654321Z';

describe('GcpBillingExportProcessor', () => {
  const processor = new GcpBillingExportProcessor();

  const context = (
    change: Partial<QueryContext<GcpBillingExportOptions, GcpSecret>> = {},
    billing_export_table: string | undefined = `acme_billing.${TABLE}`,
  ): QueryContext<GcpBillingExportOptions, GcpSecret> => ({
    ...contextOf<GcpBillingExportOptions>({}),
    secret: new Secret({ ...SERVICE_ACCOUNT, billing_export_table }),
    target: { dataset: 'acme_dev', table: 'gcp_billing_costs', writeDisposition: 'replace_partitions' },
    ...change,
  });
  const described = (
    paths: readonly string[] = [...REQUIRED_PATHS, 'credits', '_PARTITIONTIME'],
  ): DescribedTable => ({
    reference: { project: 'acme-billing', dataset: 'acme_billing', table: TABLE },
    sqlName: `\`acme-billing.acme_billing.${TABLE}\``,
    columns: paths.map((path) => ({ path, type: 'STRING', repeated: path === 'credits' })),
  });
  const query = (
    change: Partial<QueryContext<GcpBillingExportOptions, GcpSecret>> = {},
    {
      engine = 'bigquery',
      table = described(),
      touched = [],
      asked = [],
    }: {
      engine?: WarehouseEngine;
      table?: DescribedTable | null;
      touched?: readonly TextRow[];
      asked?: WarehouseQuery[];
    } = {},
  ): Promise<StagingQuery> =>
    processor.queryFor(context(change), engine, [table ?? undefined], (question) => {
      asked.push(question);
      return Promise.resolve(touched);
    });
  const conditionOf = ({ sql }: WarehouseQuery): string => sql.slice(sql.lastIndexOf('WHERE'));

  it('reads the table that the credential names, in the project of the key unless it names one', () => {
    expect(processor.sourcesFor(context())).toEqual([
      { project: 'acme-billing', dataset: 'acme_billing', table: TABLE },
    ]);
    expect(processor.sourcesFor(context({}, `acme.com:pay-12.exports.${TABLE}`))).toEqual([
      { project: 'acme.com:pay-12', dataset: 'exports', table: TABLE },
    ]);
  });

  it('says what to do when the credential names no table', () => {
    const nameless = context({ secret: new Secret(SERVICE_ACCOUNT) });

    expect(() => processor.sourcesFor(nameless)).toThrow(
      expect.objectContaining({
        code: 'configuration_invalid',
        message:
          'The gcp credential does not say which table to read. Store it again with "billing_export_table": "project.dataset.table" beside the fields of the key.',
      }),
    );
  });

  it('reads everything without a watermark, in one question', async () => {
    const asked: WarehouseQuery[] = [];

    const everything = await query({}, { asked });

    expect(conditionOf(everything)).toBe('WHERE TRUE\n) AS charge');
    expect(everything.parameters).toEqual({});
    expect(asked).toEqual([]);
  });

  it('reads from a day on, by partitions of the day before', async () => {
    expect(conditionOf(await query({ options: { since: '2026-10-01' } }))).toBe(
      `WHERE DATE(\`usage_start_time\`) >= DATE '2026-10-01'
  AND _PARTITIONTIME >= TIMESTAMP '2026-09-30'
) AS charge`,
    );
  });

  it('asks which days are touched, and reads these and the window by constants', async () => {
    const asked: WarehouseQuery[] = [];
    const touched = [
      { day: '2026-09-15', latest: '2026-11-04T06:00:00.000001Z' },
      { day: '2026-11-02', latest: '2026-11-04T06:00:00.000000Z' },
    ];

    const { sql, parameters } = await query({ watermark: WATERMARK }, { asked, touched });

    expect(asked).toEqual([
      {
        sql: `SELECT CAST(DATE(\`usage_start_time\`) AS STRING) AS day, FORMAT_TIMESTAMP('%Y-%m-%dT%H:%M:%E6SZ', MAX(\`export_time\`)) AS latest
FROM \`acme-billing.acme_billing.${TABLE}\`
WHERE \`export_time\` > CAST(@watermark AS TIMESTAMP)
  AND _PARTITIONTIME >= TIMESTAMP '2026-11-02'
GROUP BY 1`,
        parameters: { watermark: WATERMARK },
      },
    ]);
    expect(conditionOf({ sql, parameters }))
      .toBe(`WHERE (DATE(\`usage_start_time\`) >= DATE '2026-09-15' AND DATE(\`usage_start_time\`) < DATE '2026-09-16' OR DATE(\`usage_start_time\`) >= DATE '2026-11-01' AND DATE(\`usage_start_time\`) < DATE '2026-11-03')
  AND \`export_time\` <= CAST(@upto AS TIMESTAMP)
  AND _PARTITIONTIME >= TIMESTAMP '2026-09-14'
) AS charge`);
    expect(parameters).toEqual({ upto: '2026-11-04T06:00:00.000001Z' });
  });

  it('reads the window alone, as of the watermark, when nothing is newer', async () => {
    const { parameters, sql } = await query({ watermark: WATERMARK });

    expect(parameters).toEqual({ upto: WATERMARK });
    expect(conditionOf({ sql, parameters })).toContain(
      `WHERE DATE(\`usage_start_time\`) >= DATE '2026-11-01' AND DATE(\`usage_start_time\`) < DATE '2026-11-02'\n  AND `,
    );
  });

  it('tells what the export holds of the very rows that are read, by day and currency', async () => {
    const { control, parameters } = await query({ watermark: WATERMARK });

    const rows = `FROM \`acme-billing.acme_billing.${TABLE}\``;
    const condition = `WHERE DATE(\`usage_start_time\`) >= DATE '2026-11-01' AND DATE(\`usage_start_time\`) < DATE '2026-11-02'
  AND \`export_time\` <= CAST(@upto AS TIMESTAMP)
  AND _PARTITIONTIME >= TIMESTAMP '2026-10-31'`;
    expect(control).toEqual({
      by: ['usage_date', 'currency'],
      sums: ['cost', 'net_cost'],
      query: {
        sql: `
SELECT CAST(day AS STRING) AS usage_date, currency, CAST(SUM(charges) AS STRING) AS row_count,
  CAST(SUM(cost) AS STRING) AS cost, CAST(SUM(net_cost) AS STRING) AS net_cost
FROM (
  SELECT DATE(\`usage_start_time\`) AS day, \`currency\` AS currency, 1 AS charges, CAST(CAST(\`cost\` AS STRING) AS BIGNUMERIC) AS cost, CAST(CAST(\`cost\` AS STRING) AS BIGNUMERIC) AS net_cost
  ${rows}
  ${condition}
  UNION ALL
  SELECT DATE(\`usage_start_time\`) AS day, \`currency\` AS currency, 0, CAST(CAST(0 AS STRING) AS BIGNUMERIC), CAST(CAST(\`credit\`.\`amount\` AS STRING) AS BIGNUMERIC)
  ${rows} CROSS JOIN UNNEST(\`credits\`) AS credit
  ${condition}
) AS amounts
GROUP BY day, currency`,
        parameters,
      },
    });
  });

  it('leaves days before the first one alone, whatever touches them', async () => {
    const touched = [{ day: '2026-09-15', latest: '2026-11-04T06:00:00.000001Z' }];

    const { sql } = await query({ watermark: WATERMARK, options: { since: '2026-10-01' } }, { touched });

    expect(sql).not.toContain('2026-09-15');
  });

  it('reads and replaces of the window what lies on or after the first one', async () => {
    const options = { since: '2026-11-01' };
    const window = { start: '2026-10-30', end: '2026-11-03' };

    const { sql } = await query({ watermark: WATERMARK, options, window });

    expect(sql).toContain(
      `WHERE DATE(\`usage_start_time\`) >= DATE '2026-11-01' AND DATE(\`usage_start_time\`) < DATE '2026-11-03'\n  AND \`export_time\``,
    );
    expect(processor.schemaFor(options).firstDay).toBe('2026-11-01');
  });

  it.each([undefined, WATERMARK])(
    'refuses a window before the first one (watermark: %s)',
    async (watermark) => {
      await expect(query({ watermark, options: { since: '2026-11-02' } })).rejects.toMatchObject({
        code: 'configuration_invalid',
        message: expect.stringContaining('loads nothing before 2026-11-02'),
      });
    },
  );

  it('does without partitions where a view hides them', async () => {
    const { sql } = await query(
      { watermark: WATERMARK },
      { table: described([...REQUIRED_PATHS, 'credits']) },
    );

    expect(sql).not.toContain('_PARTITIONTIME');
  });

  it.each([
    ['bigquery', `acme-billing.acme_billing.${TABLE}`],
    ['duckdb', `acme_billing.${TABLE}`],
  ] as const)('names the table that is missing in %s, and what to do', async (engine, name) => {
    await expect(query({}, { engine, table: null })).rejects.toMatchObject({
      code: 'source_not_found',
      message: expect.stringContaining(`There is no table ${name}. Enable the detailed (or standard)`),
    });
  });

  it('refuses a table that is no billing export, naming what it lacks', async () => {
    const table = described(REQUIRED_PATHS.filter((path) => path !== 'invoice.month'));

    await expect(query({}, { table })).rejects.toMatchObject({
      code: 'source_not_found',
      message: expect.stringContaining('is not a billing export: it has no column invoice.month.'),
    });
  });

  it.each(['other', 'acme_corp', 'acm'])('reads nothing of %s in a warehouse that is shared', async (org) => {
    await expect(query({ org }, { engine: 'duckdb' })).rejects.toMatchObject({
      code: 'configuration_invalid',
      message: `In a DuckDB warehouse ${org} reads exports from datasets called ${org}_… alone, not from acme_billing.`,
    });
  });

  it('refuses new rows that belong to no day', async () => {
    const touched = [{ day: null, latest: WATERMARK }];

    await expect(query({ watermark: WATERMARK }, { touched })).rejects.toMatchObject({
      code: 'provider_response_invalid',
    });
  });
});
