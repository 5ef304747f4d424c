import { describe, expect, it } from '@jest/globals';
import { aLoad, COSTS } from '@pipelines/pipeline/testing';
import { checkStatement, toStagedTotals } from './check-statement.ts';

const INCREMENTAL = {
  ...COSTS,
  columns: [...COSTS.columns, { name: 'exported_at', type: 'TIMESTAMP', description: 'When' }],
  watermarkColumn: 'exported_at',
} as const;

describe('checkStatement', () => {
  it('counts, finds rows outside the window and sums money per currency, all as text', () => {
    expect(checkStatement('prj', aLoad({ runId: 'run-7' })))
      .toBe(`SELECT 'rows' AS kind, '' AS name, '' AS currency, CAST(COUNT(*) AS STRING) AS value FROM \`prj.acme_test.stg_costs_run7_1\`
UNION ALL SELECT 'outside', '', '', CAST(COUNTIF((\`day\` >= DATE '2026-11-01' AND \`day\` < DATE '2026-11-02') IS NOT TRUE) AS STRING) FROM \`prj.acme_test.stg_costs_run7_1\`
UNION ALL SELECT 'money', 'cost', \`currency\`, CAST(SUM(\`cost\`) AS STRING) FROM \`prj.acme_test.stg_costs_run7_1\` WHERE \`cost\` IS NOT NULL GROUP BY \`currency\`
ORDER BY kind, name, currency`);
  });

  it('takes every row for inside when there is no window column', () => {
    const schema = { ...COSTS, windowColumn: undefined, money: [] };

    expect(checkStatement('prj', aLoad({ runId: 'run-7', schema }))).toContain('COUNTIF((TRUE) IS NOT TRUE)');
  });

  it('looks for a natural key that several rows have', () => {
    const schema = { ...COSTS, windowColumn: undefined, money: [], naturalKey: ['day', 'item'] };

    expect(checkStatement('prj', aLoad({ runId: 'run-7', schema })).split('\n')).toContain(
      "UNION ALL SELECT 'duplicate', '', '', TO_JSON_STRING(STRUCT(CAST(`day` AS STRING) AS `day`, CAST(`item` AS STRING) AS `item`)) FROM (SELECT `day`, `item` FROM `prj.acme_test.stg_costs_run7_1` GROUP BY `day`, `item` HAVING COUNT(*) > 1 LIMIT 1)",
    );
  });

  it('asks for the days of an incremental load and the latest of its watermark column', () => {
    const schema = { ...INCREMENTAL, money: [] };

    expect(checkStatement('prj', aLoad({ runId: 'run-7', schema })))
      .toBe(`SELECT 'rows' AS kind, '' AS name, '' AS currency, CAST(COUNT(*) AS STRING) AS value FROM \`prj.acme_test.stg_costs_run7_1\`
UNION ALL SELECT 'outside', '', '', CAST(COUNTIF((\`day\` IS NOT NULL) IS NOT TRUE) AS STRING) FROM \`prj.acme_test.stg_costs_run7_1\`
UNION ALL SELECT 'watermark', '', '', FORMAT_TIMESTAMP('%Y-%m-%dT%H:%M:%E6SZ', MAX(\`exported_at\`)) FROM \`prj.acme_test.stg_costs_run7_1\`
UNION ALL SELECT 'day', CAST(\`day\` AS STRING), '', '' FROM \`prj.acme_test.stg_costs_run7_1\` WHERE \`day\` IS NOT NULL GROUP BY \`day\`
ORDER BY kind, name, currency`);
  });
});

describe('toStagedTotals', () => {
  it('keeps every digit of a sum', () => {
    expect(
      toStagedTotals([
        { kind: 'money', name: 'cost', currency: 'USD', value: '0.30000000000000000000000000000000000001' },
        { kind: 'outside', name: '', currency: '', value: '0' },
        { kind: 'rows', name: '', currency: '', value: '2' },
      ]),
    ).toEqual({
      rows: 2,
      money: [{ column: 'cost', currency: 'USD', sum: '0.30000000000000000000000000000000000001' }],
      rowsOutsideWindow: 0,
    });
  });

  it.each([
    [null, undefined],
    ['2026-11-02T00:00:00.000001Z', '2026-11-02T00:00:00.000001Z'],
  ])('reads the days and the watermark %s of an incremental load', (value, watermark) => {
    expect(
      toStagedTotals([
        { kind: 'day', name: '2026-03-01', currency: '', value: '' },
        { kind: 'day', name: '2026-11-01', currency: '', value: '' },
        { kind: 'outside', name: '', currency: '', value: '0' },
        { kind: 'rows', name: '', currency: '', value: '2' },
        { kind: 'watermark', name: '', currency: '', value },
      ]),
    ).toEqual({ rows: 2, money: [], rowsOutsideWindow: 0, days: ['2026-03-01', '2026-11-01'], watermark });
  });

  it.each([
    ['all rows', []],
    ['all rows', [{ kind: 'rows', name: '', currency: '', value: 'NaN' }]],
    ['rows outside the window', [{ kind: 'rows', name: '', currency: '', value: '2' }]],
  ] as const)('takes an answer without the count of %s for none', (missing, measures) => {
    expect(() => toStagedTotals(measures)).toThrow(
      expect.objectContaining({
        code: 'warehouse_unavailable',
        message: expect.stringContaining(`lacks the count of ${missing}`),
      }),
    );
  });
});
