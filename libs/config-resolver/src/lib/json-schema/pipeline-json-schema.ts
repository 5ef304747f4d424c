import { WRITE_DISPOSITIONS } from '@pipelines/pipeline';
import { DURATION } from '../file/duration.ts';
import { PIPELINE_PATH, SEGMENT } from '../file/names.ts';
import { LIMITS } from '../file/pipeline-file.dto.ts';
import { CATCH_UPS } from '../schedule/pipeline-schedule.ts';
import { TEMPLATE_VARIABLES } from '../template/template.ts';

/**
 * The JSON Schema (draft-07) by which editors complete and check a configuration file. It speaks of the file as
 * written, templates included; the service itself checks more, such as the processor's options and columns.
 */
export function pipelineJsonSchema(): object {
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Pipeline',
    description: `One pipeline. Any string value may use ${TEMPLATE_VARIABLES.map((name) => `{{${name}}}`).join(', ')}.`,
    ...section(['pipeline', 'processor', 'target'], {
      pipeline: section(['name', 'provider', 'domain'], {
        name: segment("The file's name without .yml."),
        provider: segment('The folder that holds the domain.'),
        domain: segment('The folder that holds the file.'),
        description: {
          type: 'string',
          maxLength: LIMITS.descriptionLength,
          description: 'Shown in the catalog.',
        },
      }),
      processor: section(['class', 'module'], {
        class: { type: 'string', description: 'Name that the processor announces.' },
        module: { type: 'string', description: 'npm package that exports the class.' },
        options: { type: 'object', description: "Fields of the processor's own options class." },
      }),
      target: section(['dataset', 'table'], {
        dataset: {
          type: 'string',
          description: 'Dataset of the organization; a name may follow after an underscore.',
          default: '{{org_slug}}_{{env}}',
        },
        table: { type: 'string', description: 'Lower-case letters, digits and _.' },
        write_disposition: {
          enum: [...WRITE_DISPOSITIONS],
          description: 'Default: replace_partitions when the table has a window column, else replace.',
        },
        partition: { type: 'string', description: 'DATE column; the window column when absent.' },
        cluster: columns('Columns that queries filter on.', LIMITS.clusterColumns),
        merge_key: columns('Columns that identify a row; needed by merge.'),
        credentials: segment("Name of the organization's gcp credential that BigQuery is opened with."),
      }),
      credentials: {
        type: 'string',
        default: 'default',
        description: "Name of the organization's credential.",
      },
      window: section([], {
        default: {
          enum: ['yesterday', 'today'],
          default: 'yesterday',
          description: 'Last UTC day of the window.',
        },
        lookback_days: {
          type: 'integer',
          minimum: 1,
          maximum: LIMITS.lookbackDays,
          default: 1,
          description: 'Days of the window.',
        },
        restate_previous_month_until_day: {
          type: 'integer',
          minimum: 1,
          maximum: LIMITS.restateUntilDay,
          description:
            'Up to this day of the month the window begins with the previous month, to take in what is corrected when a month is closed.',
        },
        backfill_days: {
          type: 'integer',
          minimum: 1,
          maximum: LIMITS.lookbackDays,
          default: 1,
          description: 'Days that each run of a backfill loads.',
        },
      }),
      retry: section([], {
        limit: { type: 'integer', minimum: 0, maximum: LIMITS.retries, default: 3 },
        delay: duration('30s', LIMITS.retryDelay),
      }),
      timeout: duration('30m', LIMITS.timeout),
      depends_on: {
        type: 'array',
        items: { type: 'string', pattern: PIPELINE_PATH.source },
        uniqueItems: true,
        description:
          'Pipelines, as provider/domain/pipeline, whose runs of a day a scheduled run of that day waits for.',
      },
      schedule: section(['cron'], {
        cron: {
          type: 'string',
          description: 'Minute, hour, day of month, month, day of week, for example 0 3 * * *.',
        },
        timezone: { type: 'string', default: 'UTC', description: 'Name of the IANA time zone database.' },
        jitter: duration(undefined, LIMITS.jitter, 'Organizations start spread over this time.'),
        catch_up: {
          enum: [...CATCH_UPS],
          default: 'all',
          description:
            'What becomes of occurrences that could not start: all (each missed window is loaded), latest (the newest), none.',
        },
      }),
    }),
  };
}

const section = (required: readonly string[], properties: Readonly<Record<string, object>>) => ({
  type: 'object',
  additionalProperties: false,
  ...(required.length > 0 && { required }),
  properties,
});

const segment = (description: string) => ({ type: 'string', pattern: SEGMENT.source, description });

const columns = (description: string, maxItems?: number) => ({
  type: 'array',
  items: { type: 'string' },
  minItems: 1,
  ...(maxItems && { maxItems }),
  uniqueItems: true,
  description,
});

const duration = (fallback: string | undefined, max: string, purpose = '') => ({
  type: 'string',
  pattern: DURATION.source,
  default: fallback,
  description: `${purpose} For example 90s, 30m or 2h; at most ${max}.`.trimStart(),
});
