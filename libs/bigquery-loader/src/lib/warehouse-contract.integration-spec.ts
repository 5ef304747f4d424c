import { jest } from '@jest/globals';
import { describeWarehouseContract } from '@pipelines/pipeline/testing';
import { describeWithBigQueryEmulator, startBigQueryHarness } from '../testing/index.ts';

// The emulator translates every statement of a commit; on a busy machine that takes its time.
jest.setTimeout(120_000);

describeWithBigQueryEmulator('BigQueryWarehouse keeps the warehouse contract', () => {
  describeWarehouseContract('BigQueryWarehouse', startBigQueryHarness, {
    'keeps 25 significant digits and rounds half to even past the scale of the warehouse':
      'the emulator keeps 18 fraction digits of a BIGNUMERIC; ndjson.spec.ts looks at all 38',
  });
});
