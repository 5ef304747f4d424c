import type { RunEntity } from '@pipelines/runs';

/** Where a run can be followed. */
export function statusPath(org: string, runId: string): string {
  return `/api/v1/pipelines/status/${org}/${runId}`;
}

/** A run as the API shows it. */
export function runView(run: RunEntity) {
  const finished = (status: string) => (run.status === status ? run.finishedAt : null);
  return {
    run_id: run.id,
    org: run.org,
    provider: run.provider,
    domain: run.domain,
    pipeline: run.pipeline,
    status: run.status,
    reason: run.reason,
    attempt: run.attempt,
    window: { start: run.windowStart, end: run.windowEnd },
    timestamps: {
      pending: run.pendingAt,
      validating: run.validatingAt,
      running: run.runningAt,
      completed: finished('completed'),
      failed: finished('failed'),
    },
    progress: { rows_extracted: Number(run.rowsExtracted), rows_loaded: Number(run.rowsLoaded) },
    config_hash: run.configHash,
    receipt: run.receipt,
    error: run.errorCode === null ? null : { code: run.errorCode, message: run.errorMessage },
    links: { status: statusPath(run.org, run.id) },
  };
}
