export { FakeProvider, type FakeReply, type FakeRequest } from './fake-provider.ts';
export { LeapingClock } from './leaping-clock.ts';
export { limitedPerMinute } from './limited-per-minute.ts';
export { describeProcessorContract, NOTHING_LOADED, type ProcessorContract } from './processor-contract.ts';
export {
  describeQueryGoldens,
  toNdjsonText,
  type QueryGolden,
  type QueryHarness,
  type SourceField,
  type SourceTable,
} from './query-golden.ts';
export type { RowText, WarehouseHarness } from './warehouse-bench.ts';
export { describeWarehouseContract } from './warehouse-contract.ts';
export { aCost, aLoad, COSTS, inBatches, NOTHING_PROVEN, prove } from './warehouse-load.ts';
