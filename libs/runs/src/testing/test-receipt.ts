import type { RunReceipt } from '../lib/run.entity.ts';

/** A receipt for specs that do not care what was loaded. */
export const TEST_RECEIPT: RunReceipt = {
  target: 'acme_dev.openai_costs',
  write_disposition: 'replace_partitions',
  rows: { extracted: 3, staged: 3, committed: 3, replaced: 0 },
  money: { extracted: [], staged: [], committed: [] },
  bytes: { staged: 0, processed: 0 },
  partitions_replaced: [],
  restatement: { figures: 0, entries: [] },
  job_ids: [],
  already_committed: false,
};
