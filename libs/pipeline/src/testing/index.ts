export { FakeProvider, type FakeReply, type FakeRequest } from './fake-provider.ts';
export { describeProcessorContract, type ProcessorContract } from './processor-contract.ts';
