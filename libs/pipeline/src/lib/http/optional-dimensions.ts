import { PipelineError } from '../errors/pipeline-error.ts';
import type { ProcessorContext, RequestBounds } from '../processor/processor.ts';
import { OptionalReads } from './optional-reads.ts';

/** Dimensions that a provider is asked to group by. */
export interface WantedDimensions {
  readonly groupBy: readonly string[];
  /** Those of them without which the answer is still right. Default none. */
  readonly optional?: readonly string[];
}

/** An answer, and the dimensions that it is grouped by. */
export interface GroupedAnswer<T> {
  readonly answer: T;
  readonly groupBy: readonly string[];
}

/** Time to find out which dimensions a provider takes. */
const TIMEOUT_MS = 120_000;
const REFUSALS: readonly unknown[] = [400, 403, 404, 422];

/**
 * Asks for an answer that is grouped by all dimensions. When the provider refuses it, or fails, and gives one without the
 * optional ones, they are added again one by one, as far as the provider takes them; the others are left out of the run.
 * @throws What the first request ended with, unless the provider answers without optional dimensions.
 */
export async function askGrouped<T>(
  { groupBy, optional = [] }: WantedDimensions,
  run: Pick<ProcessorContext, 'signal' | 'leftOut'>,
  ask: (groupBy: readonly string[], bounds: RequestBounds) => Promise<T>,
): Promise<GroupedAnswer<T>> {
  const refused = optional.filter((dimension) => groupBy.includes(dimension));
  const grouped = async (
    dimensions: readonly string[],
    bounds: RequestBounds = { signal: run.signal },
  ): Promise<GroupedAnswer<T>> => ({ answer: await ask(dimensions, bounds), groupBy: dimensions });
  try {
    return await grouped(groupBy);
  } catch (error) {
    if (refused.length === 0 || !mayBeForTheGrouping(error)) throw error;
    let found = await grouped(without(groupBy, refused)).catch((second: unknown) => {
      throw second instanceof PipelineError ? error : second;
    });
    const reads = new OptionalReads(run, { timeoutMs: TIMEOUT_MS });
    const tryWith = (dimensions: readonly string[]) => async (bounds: RequestBounds) => {
      found = await grouped(dimensions, bounds);
    };
    // What was a fault of a moment need not cost a dimension.
    if (error.transient && !(await reads.attempt(tryWith(groupBy)))) return found;
    for (const dimension of refused) {
      const dimensions = groupBy.filter((name) => name === dimension || found.groupBy.includes(name));
      if (dimensions.length === groupBy.length) run.leftOut.add(partOf(dimension), error);
      else await reads.read(partOf(dimension), tryWith(dimensions));
    }
    return found;
  }
}

/** A rate limit, a rejected key or an answer that cannot be read say nothing about the grouping. */
function mayBeForTheGrouping(error: unknown): error is PipelineError {
  if (!(error instanceof PipelineError)) return false;
  if (REFUSALS.includes(error.facts.provider_status)) return true;
  return error.code === 'provider_unavailable' || error.code === 'provider_timed_out';
}

const partOf = (dimension: string): string => `grouping by ${dimension}`;

function without(names: readonly string[], left: readonly string[]): readonly string[] {
  return names.filter((name) => !left.includes(name));
}
