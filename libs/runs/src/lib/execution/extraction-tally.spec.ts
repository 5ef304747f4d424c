import { describe, expect, it } from '@jest/globals';
import type { Row, TableSchema } from '@pipelines/pipeline';
import { ExtractionTally } from './extraction-tally.ts';

const schema: TableSchema = {
  description: 'costs',
  columns: [],
  windowColumn: 'usage_date',
  money: [{ amount: 'amount', currency: 'currency' }],
};
const window = { start: '2026-11-01', end: '2026-11-03' };
const row = (usage_date: string | null, amount: string | null, currency = 'USD'): Row => ({
  usage_date,
  amount,
  currency,
});

async function tallied(rows: readonly Row[], scale = 18): Promise<ExtractionTally> {
  const tally = new ExtractionTally(schema, window, scale);
  const passed: Row[] = [];
  for await (const batch of tally.count(batchesOf(rows))) passed.push(...batch);
  expect(passed).toEqual(rows);
  return tally;
}

async function* batchesOf(rows: readonly Row[]) {
  yield rows.slice(0, 1);
  yield rows.slice(1);
}

describe('ExtractionTally', () => {
  it('sums each currency by itself, exactly', async () => {
    const tally = await tallied([
      row('2026-11-01', '0.1'),
      row('2026-11-02', '0.2'),
      row('2026-11-02', '-12345678901234567890.000000000000000001'),
      row('2026-11-02', '7', 'EUR'),
      row('2026-11-02', null),
    ]);

    expect(tally.rows).toBe(5);
    expect(tally.money).toEqual([
      { column: 'amount', currency: 'USD', sum: '-12345678901234567889.700000000000000001' },
      { column: 'amount', currency: 'EUR', sum: '7' },
    ]);
  });

  it('rounds each value half to even before it sums, as the warehouse does', async () => {
    const tally = await tallied([row('2026-11-01', '0.005'), row('2026-11-01', '0.015')], 2);

    expect(tally.money).toEqual([{ column: 'amount', currency: 'USD', sum: '0.02' }]);
  });

  it('counts days before, at and after the window, and none at all', async () => {
    const tally = await tallied([
      row('2026-10-31', '1'),
      row('2026-11-01', '1'),
      row('2026-11-03', '1'),
      row(null, '1'),
    ]);

    expect(tally.rowsOutsideWindow).toBe(3);
  });

  it('takes a row of any day for legal in an incremental load, if it has one', async () => {
    const tally = new ExtractionTally({ ...schema, watermarkColumn: 'exported_at' }, window, 18);
    const batches = tally.count(batchesOf([row('2020-01-01', '1'), row(null, '1')]));
    while (!(await batches.next()).done);

    expect(tally).toMatchObject({ rows: 2, rowsOutsideWindow: 1 });
  });

  it('takes every spelling of an amount', async () => {
    const amounts = ['+1', '.5', '2.', '-0', '0e99999', '1E+2', '007', '1e-999999999'];
    const tally = await tallied(amounts.map((amount) => row('2026-11-01', amount)));

    expect(tally.money).toEqual([{ column: 'amount', currency: 'USD', sum: '110.5' }]);
  });

  it.each(['one', '1e999999999'])('leaves it to the warehouse to refuse %s', async (amount) => {
    const tally = new ExtractionTally(schema, window, 18);
    const refuse = async () => {
      for await (const batch of tally.count(batchesOf([row('2026-11-01', '1'), row('2026-11-01', amount)]))) {
        if (batch[0]!.amount === amount) throw new Error('refused by the warehouse');
      }
    };

    await expect(refuse()).rejects.toThrow('refused by the warehouse');
    expect(tally.rows).toBe(1);
  });
});
