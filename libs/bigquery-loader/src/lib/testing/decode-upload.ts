import { gunzipSync } from 'node:zlib';

/** Reads a `multipart/related` upload: the job as JSON, then gzip NDJSON. */
export function decodeUpload({
  headers,
  body,
}: {
  readonly headers: { readonly 'content-type'?: string };
  readonly body: Buffer;
}): { metadata: unknown; rows: Record<string, unknown>[] } {
  const boundary = /boundary=(.+)$/.exec(headers['content-type'] ?? '')?.[1];
  if (boundary === undefined) throw new Error('The upload is not multipart');
  const [metadata, data] = partsOf(body, `--${boundary}`);
  const text = gunzipSync(data!).toString();
  return {
    metadata: JSON.parse(metadata!.toString()),
    rows: text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Record<string, unknown>),
  };
}

function partsOf(body: Buffer, delimiter: string): Buffer[] {
  const parts: Buffer[] = [];
  let start = body.indexOf(delimiter);
  for (;;) {
    const end = body.indexOf(delimiter, start + delimiter.length);
    if (end < 0) return parts;
    const content = body.indexOf('\r\n\r\n', start) + 4;
    parts.push(body.subarray(content, end - 2));
    start = end;
  }
}
