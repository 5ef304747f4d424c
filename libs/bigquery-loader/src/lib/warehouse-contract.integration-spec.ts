import { describeWarehouseContract } from '@pipelines/pipeline/testing';
import { describeWithBigQueryEmulator, startBigQueryHarness } from '../testing/index.ts';

describeWithBigQueryEmulator('BigQueryWarehouse keeps the warehouse contract', () => {
  describeWarehouseContract('BigQueryWarehouse', startBigQueryHarness, {
    'keeps 25 significant digits and rounds half to even past the scale of the warehouse':
      'the emulator keeps 18 fraction digits of a BIGNUMERIC; ndjson.spec.ts looks at all 38',
  });
});
