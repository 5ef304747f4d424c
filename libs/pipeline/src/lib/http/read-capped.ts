import { PipelineError } from '../errors/pipeline-error.ts';

/**
 * Reads a body as UTF-8 text, giving up as soon as it exceeds the cap, so that a runaway answer cannot fill memory.
 * @throws PipelineError `provider_response_too_large`
 */
export async function readCapped(response: Response, maxBytes: number, provider: string): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) {
      throw new PipelineError(
        'provider_response_too_large',
        `${provider} answered with more than ${Math.floor(maxBytes / 1024 / 1024)} MiB in one page.`,
      );
    }
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}
