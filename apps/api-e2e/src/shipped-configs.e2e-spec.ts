import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TestService } from './testing/test-service.ts';

const ORG = 'acme_corp';

const SHIPPED = [
  ['anthropic/api/usage_messages.yml', 'anthropic_usage_messages', 'replace_partitions'],
  ['anthropic/cost/costs_daily.yml', 'anthropic_costs', 'replace_partitions'],
  ['focus/unified/cost_and_usage.yml', 'focus_cost_and_usage', 'replace_partitions'],
  ['gcp/api/pricing_catalog.yml', 'gcp_pricing_catalog', 'merge'],
  ['gcp/api/pricing_export.yml', 'gcp_prices', 'replace_partitions'],
  ['gcp/cost/billing_export.yml', 'gcp_billing_costs', 'replace_partitions'],
  ...[
    'audio_speeches',
    'audio_transcriptions',
    'code_interpreter_sessions',
    'completions',
    'embeddings',
    'file_search_calls',
    'images',
    'moderations',
    'vector_stores',
    'web_search_calls',
  ].map((kind) => [`openai/api/usage_${kind}.yml`, `openai_usage_${kind}`, 'replace_partitions'] as const),
  ['openai/cost/costs_daily.yml', 'openai_costs', 'replace_partitions'],
] as const;

interface CatalogEntry {
  readonly file: string;
  readonly target: string;
  readonly write_disposition: string;
  readonly problems: readonly object[];
}

describe('the pipelines that ship with the service', () => {
  let service: TestService;
  let files: string[];

  beforeAll(async () => {
    service = await TestService.start();
    const paths = await readdir(service.configsDirectory, { recursive: true });
    files = paths.filter((path) => /\.ya?ml$/.test(path)).sort();
  });

  afterAll(() => service.stop());

  it('are listed, all of them and without problems', async () => {
    const api = await service.givenOrganization(ORG);

    const { pipelines } = await api.call<{ pipelines: CatalogEntry[] }>('GET', `pipelines/catalog/${ORG}`);

    expect(pipelines.map(({ file }) => file)).toEqual(files);
    expect(
      pipelines.map(({ file, target, write_disposition, problems }) => ({
        file,
        target,
        write_disposition,
        problems,
      })),
    ).toEqual(
      SHIPPED.map(([file, table, write_disposition]) => ({
        file,
        target: `{{org_slug}}_{{env}}.${table}`,
        write_disposition,
        problems: [],
      })),
    );
  });

  it('load again what OpenAI and Anthropic correct: three days, and the previous month on its first days', async () => {
    const reported = files.filter((file) => /^(openai|anthropic)\//.test(file));

    for (const file of reported) {
      const content = await readFile(join(service.configsDirectory, file), 'utf8');
      expect([file, /^window:\n((?: .*\n)+)/m.exec(content)?.[1]]).toEqual([
        file,
        '  lookback_days: 3\n  restate_previous_month_until_day: 5\n',
      ]);
    }
    expect(reported).toHaveLength(13);
  });

  it('name the schema for editors in their first line', async () => {
    const schema = join(service.configsDirectory, 'pipeline.schema.json');
    expect(JSON.parse(await readFile(schema, 'utf8'))).toMatchObject({ title: 'Pipeline' });

    for (const file of files) {
      const path = join(service.configsDirectory, file);
      const [firstLine] = (await readFile(path, 'utf8')).split('\n');
      const [, named] = /^# yaml-language-server: \$schema=(\S+)$/.exec(firstLine!) ?? [];
      expect([file, named && resolve(dirname(path), named)]).toEqual([file, schema]);
    }
  });
});
