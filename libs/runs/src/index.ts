export { ADMIT_STATEMENT, admissionParameters, type RunRequest } from './lib/admission/admit-run.ts';
export {
  RunAdmission,
  type AdmissionRequest,
  type AdmittedRun,
  type RunPreview,
} from './lib/admission/run-admission.ts';
export { RunHistory, type HistoryPage, type HistoryQuery } from './lib/history/run-history.ts';
export { RunMetrics } from './lib/metrics/run-metrics.ts';
export { AnyRunEntity } from './lib/archive/any-run.entity.ts';
export { RunArchiver } from './lib/archive/run.archiver.ts';
export { RunEntity, type RunReceipt } from './lib/run.entity.ts';
export { RUN_STATUSES, type RunStatus } from './lib/run-status.ts';
export { RunCancellation } from './lib/settlement/run-cancellation.ts';
export { RunsModule } from './lib/runs.module.ts';
export type { RunsOptions } from './lib/runs.options.ts';
