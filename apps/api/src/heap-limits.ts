import { setFlagsFromString } from 'node:v8';

// What a load makes lives for a slice of a page. V8 answers by a young generation that grows to 100 MB; kept as small as it
// starts, it is collected more often, at no cost that can be measured. Imported first: it never shrinks again.
setFlagsFromString('--semi-space-growth-factor=1');
// The old generation may otherwise double before it is collected; what a load lets go of keeps DuckDB's values alive, too.
setFlagsFromString('--heap-growing-percent=30');
// A young generation of that size is collected in a fraction of a millisecond, unless the collector has to wait for helpers
// that find both cores taken: by DuckDB's threads, by other processes.
setFlagsFromString('--no-parallel-scavenge');

/**
 * Sets V8's defaults again, for a process that loads nothing: what belongs to requests lives as long as they are open, and
 * with a hundred of them open the limits cost an API process a third more CPU for each.
 */
export function liftHeapLimits(): void {
  setFlagsFromString('--semi-space-growth-factor=2');
  setFlagsFromString('--heap-growing-percent=0');
  setFlagsFromString('--parallel-scavenge');
}
