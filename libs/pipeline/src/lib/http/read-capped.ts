import { PipelineError } from '../errors/pipeline-error.ts';

/**
 * Reads a body, giving up as soon as it exceeds the cap, so that a runaway answer cannot fill memory.
 * @throws PipelineError `provider_response_too_large`
 */
export async function readCapped(response: Response, maxBytes: number, provider: string): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) {
      throw new PipelineError(
        'provider_response_too_large',
        `${provider} answered with more than ${Math.floor(maxBytes / 1024 / 1024)} MiB in one page, which is the most that is taken. ` +
          'Let the pipeline ask for smaller pages (processor.options, such as page_days), or load shorter windows.',
      );
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, bytes);
}
