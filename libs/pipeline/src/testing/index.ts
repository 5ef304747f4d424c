export { FakeProvider, type FakeReply, type FakeRequest } from './fake-provider.ts';
export { describeProcessorContract, type ProcessorContract } from './processor-contract.ts';
export {
  describeQueryGoldens,
  toNdjsonText,
  type QueryGolden,
  type QueryHarness,
  type SourceField,
  type SourceTable,
} from './query-golden.ts';
export { describeWarehouseContract, type RowText, type WarehouseHarness } from './warehouse-contract.ts';
export { aCost, aLoad, COSTS, inBatches } from './warehouse-load.ts';
