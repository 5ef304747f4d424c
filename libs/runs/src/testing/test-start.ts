import type { LoadStart } from '../lib/execution/attempt.ts';

/** What an attempt is about to load. */
export const TEST_START: LoadStart = {
  configHash: 'hash',
  target: { dataset: 'acme_dev', table: 'openai_costs', writeDisposition: 'replace_partitions' },
  place: {},
};
