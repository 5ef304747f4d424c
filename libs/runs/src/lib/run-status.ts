/**
 * The states of a run and the only moves between them:
 *
 *   pending ──→ validating ──→ running ──→ completed
 *    │  ↑           │             │
 *    │  └───────────┴─────────────┤  a stopping worker gives the run back, or a transient failure is tried again
 *    │              │             │
 *    └──────────────┴─────────────┴──→ failed   from pending: cancelled before it started
 *
 * A take-over of a lost worker enters `validating` again with a higher attempt. Every move is one compare-and-set in
 * SQL; a move that is not drawn here matches no row.
 */
export const RUN_STATUSES = ['pending', 'validating', 'running', 'completed', 'failed'] as const;

/** Where a run stands. */
export type RunStatus = (typeof RUN_STATUSES)[number];
