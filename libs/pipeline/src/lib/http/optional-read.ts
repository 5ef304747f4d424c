import { PipelineError } from '../errors/pipeline-error.ts';

/**
 * Reads from a provider what a run can do without, within a time of its own.
 * @param read Heeds the signal that it is given.
 * @returns Why it could not be read; undefined when it was.
 * @throws The signal's reason when the run is aborted; an error of our own.
 */
export async function readOptional(
  signal: AbortSignal,
  timeoutMs: number,
  read: (signal: AbortSignal) => Promise<void>,
): Promise<PipelineError | undefined> {
  const bounded = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
  try {
    await read(bounded);
    return undefined;
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof PipelineError) return error;
    if (!bounded.aborted) throw error;
    return new PipelineError('provider_unavailable', `The provider did not answer within ${timeoutMs} ms.`);
  }
}
