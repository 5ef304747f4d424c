import type { JsonValue } from '@pipelines/pipeline';

/** What has an id in the reports, and the name that people gave it. */
export interface AnthropicNamed {
  readonly id: string;
  readonly name: string | null;
}

/** Reads an organization, workspace or API key. @throws PipelineError `provider_response_invalid` */
export function readNamed(item: JsonValue): AnthropicNamed {
  return { id: item.get('id').text(), name: item.get('name').optional((name) => name.text()) };
}
