import type { JsonValue } from '@pipelines/pipeline';

/** What has an id in costs and usage, and the name that people gave it. */
export interface OpenAiNamed {
  readonly id: string;
  readonly name: string | null;
}

/** An API key of a project. */
export interface OpenAiApiKey extends OpenAiNamed {
  /** The user or service account that the key belongs to. */
  readonly owner: OpenAiNamed | null;
}

/** Reads a project, user or service account. @throws PipelineError `provider_response_invalid` */
export function readNamed(item: JsonValue): OpenAiNamed {
  return { id: item.get('id').text(), name: item.get('name').optional((name) => name.text()) };
}

/** Reads an `organization.project.api_key`. @throws PipelineError `provider_response_invalid` */
export function readApiKey(item: JsonValue): OpenAiApiKey {
  const owner = item
    .get('owner')
    .optional((value) => [value.get('user'), value.get('service_account')].find((one) => !one.isNull()));
  return { ...readNamed(item), owner: owner ? readNamed(owner) : null };
}
