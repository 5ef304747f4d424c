import type { RunProof } from '../lib/run.entity.ts';

/** A proof for specs that do not care what was staged. */
export const TEST_PROOF: RunProof = {
  target: { dataset: 'acme_dev', table: 'openai_costs', writeDisposition: 'replace_partitions' },
  rows: { extracted: 0, staged: 0 },
  money: { extracted: [], staged: [] },
  stage: { bytesStaged: 0, bytesProcessed: 0, jobIds: [] },
};
