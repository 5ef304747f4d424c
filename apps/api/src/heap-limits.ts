import { setFlagsFromString } from 'node:v8';

// Of a process that only answers requests, most of which are open at the same time, what is young lives longer than these
// limits are made for: they cost it a quarter of its rate.
if (process.env.ROLE !== 'api') {
  // What a load makes lives for a slice of a page. V8 answers by a young generation that grows to 100 MB; kept as small as
  // it starts, it is collected more often, at no cost that can be measured. Imported first: it never shrinks again.
  setFlagsFromString('--semi-space-growth-factor=1');
  // The old generation may otherwise double before it is collected; what a load lets go of keeps DuckDB's values alive, too.
  setFlagsFromString('--heap-growing-percent=30');
  // A young generation of that size is collected in a fraction of a millisecond, unless the collector has to wait for
  // helpers that find both cores taken: by DuckDB's threads, by other processes.
  setFlagsFromString('--no-parallel-scavenge');
}
