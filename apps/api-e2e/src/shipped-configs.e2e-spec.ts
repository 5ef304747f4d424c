import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TestService } from './testing/test-service.ts';

const ORG = 'acme_corp';

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
    ).toEqual([
      {
        file: 'gcp/api/pricing_catalog.yml',
        target: '{{org_slug}}_{{env}}.gcp_pricing_catalog',
        write_disposition: 'merge',
        problems: [],
      },
      {
        file: 'gcp/api/pricing_export.yml',
        target: '{{org_slug}}_{{env}}.gcp_prices',
        write_disposition: 'replace_partitions',
        problems: [],
      },
      {
        file: 'gcp/cost/billing_export.yml',
        target: '{{org_slug}}_{{env}}.gcp_billing_costs',
        write_disposition: 'replace_partitions',
        problems: [],
      },
      {
        file: 'openai/api/usage_completions.yml',
        target: '{{org_slug}}_{{env}}.openai_usage_completions',
        write_disposition: 'replace_partitions',
        problems: [],
      },
      {
        file: 'openai/cost/costs_daily.yml',
        target: '{{org_slug}}_{{env}}.openai_costs',
        write_disposition: 'replace_partitions',
        problems: [],
      },
    ]);
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
