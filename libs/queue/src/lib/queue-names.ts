/** Schema that pg-boss keeps its tables in. */
export const SCHEMA = 'pgboss';

/** Name of the queue of runs; a job's id is the id of its run. */
export const QUEUE = 'runs';

/** Name of the queue of schedules; a job's id is the id of its schedule. */
export const SCHEDULE_QUEUE = 'schedules';
