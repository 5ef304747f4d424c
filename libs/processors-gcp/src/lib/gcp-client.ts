import { Injectable } from '@nestjs/common';
import { JsonValue, PageCursors, ProviderHttpClient, type ProviderAccess } from '@pipelines/pipeline';
import { GcpAccessTokens } from './gcp-access-tokens.ts';
import type { GcpSecret } from './gcp.secret.ts';

const PROVIDER = 'gcp';
/** Google's list methods may give a page without items before others with some (https://google.aip.dev/158). */
const MAX_EMPTY_PAGES_IN_A_ROW = 10;

/** What is asked of a Google list endpoint. */
export interface GcpListQuery {
  /** Absolute URL with its query, `pageToken` excepted. */
  readonly url: URL;
  /** OAuth scope that the endpoint needs. */
  readonly scope: string;
  /** Field of the answer that holds the items: `services`, `skus`. */
  readonly collection: string;
}

/** Reads Google's list endpoints page by page, as a service account. */
@Injectable()
export class GcpClient {
  constructor(
    private readonly http: ProviderHttpClient,
    private readonly tokens: GcpAccessTokens,
  ) {}

  /**
   * Yields the items of each page, those of a large page in several parts.
   * @throws PipelineError `provider_response_invalid` for a repeated page token, an answer that is no page, or more than
   * ten pages without items in a row; otherwise as `GcpAccessTokens.tokenFor` and `ProviderHttpClient.requestJson`.
   */
  async *pages(
    { url, scope, collection }: GcpListQuery,
    access: ProviderAccess<GcpSecret>,
  ): AsyncGenerator<readonly JsonValue[]> {
    const cursors = new PageCursors(MAX_EMPTY_PAGES_IN_A_ROW);
    const pageUrl = new URL(url);

    for (;;) {
      const token = await this.tokens.tokenFor(scope, access);
      const answer = await this.http.requestJson({
        provider: PROVIDER,
        url: pageUrl,
        headers: { authorization: `Bearer ${token}` },
        access,
      });
      const page = new JsonValue(PROVIDER, answer);
      const nextPageToken = page.optionalText('nextPageToken');
      // Protocol Buffers' JSON leaves an empty list out, so that a page without items has a token, or no field at all.
      // Other fields without the list are those of an answer to something else.
      const mayBeEmpty = page.isEmpty() || nextPageToken !== null;
      const items = mayBeEmpty ? page.get(collection).orDefault([]) : page.get(collection);
      access.signal.throwIfAborted();
      yield* items.slices();

      if (!nextPageToken) return;
      pageUrl.searchParams.set('pageToken', cursors.next(page.get('nextPageToken'), items));
    }
  }
}
