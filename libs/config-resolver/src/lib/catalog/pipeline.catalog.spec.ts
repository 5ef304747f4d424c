import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Module } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { PipelineError, Processor, ProcessorsModule, type TableSchema } from '@pipelines/pipeline';
import { IsIn, IsOptional, IsString } from 'class-validator';
import { ConfigResolverModule } from '../config-resolver.module.ts';
import { PipelineCatalog } from './pipeline.catalog.ts';

class CostsOptions {
  @IsIn(['day', 'hour']) width: string = 'day';
  @IsOptional() @IsString() label?: string;
}

const COSTS: TableSchema = {
  description: 'Costs',
  columns: [
    { name: 'usage_date', type: 'DATE', description: 'Day' },
    { name: 'invoice_date', type: 'DATE', description: 'Day of the invoice' },
    { name: 'project_id', type: 'STRING', description: 'Project' },
    { name: 'labels', type: 'JSON', description: 'Labels' },
  ],
  windowColumn: 'usage_date',
};

@Processor({ name: 'CostsProcessor', module: '@pipelines/fake', provider: 'openai', options: CostsOptions })
class CostsProcessor {
  readonly kind = 'rows';
  schemaFor(): TableSchema {
    return COSTS;
  }
}

class NoOptions {}

@Processor({ name: 'PricesProcessor', module: '@pipelines/fake', provider: 'openai', options: NoOptions })
class PricesProcessor {
  readonly kind = 'rows';
  schemaFor(): TableSchema {
    return { description: 'Prices', columns: [{ name: 'sku', type: 'STRING', description: 'SKU' }] };
  }
}

@Module({ providers: [CostsProcessor, PricesProcessor] })
class FakeProcessorsModule {}

const COSTS_YML = `pipeline:
  name: costs
  provider: openai
  domain: cost
  description: Costs of {{org_slug}}
processor:
  class: CostsProcessor
  module: '@pipelines/fake'
  options:
    label: '{{org_slug}} {{date}} {{run_id}}'
target:
  dataset: '{{org_slug}}_{{env}}'
  table: costs
  partition: usage_date
  cluster: [project_id]
`;

const PRICES_YML = `pipeline: {name: prices, provider: openai, domain: cost}
processor: {class: PricesProcessor, module: '@pipelines/fake'}
target: {dataset: '{{org_slug}}_{{env}}_raw', table: prices}
window: {default: today, lookback_days: 7, restate_previous_month_until_day: 5}
retry: {limit: 0, delay: 90s}
timeout: 2h
credentials: readonly
`;

const RUN = {
  org: 'acme',
  runId: '4f5c2d1e-0000-4000-8000-000000000001',
  window: { start: '2026-11-01', end: '2026-11-04' },
};

describe('PipelineCatalog', () => {
  let directory: string;
  let module: TestingModule | undefined;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'configs-'));
    mkdirSync(join(directory, 'openai/cost'), { recursive: true });
  });

  afterEach(async () => {
    await module?.close();
    module = undefined;
    rmSync(directory, { recursive: true });
  });

  const write = (name: string, content: string) =>
    writeFileSync(join(directory, 'openai/cost', name), content);

  const start = async (env = 'prod') => {
    module = await Test.createTestingModule({
      imports: [
        ProcessorsModule,
        FakeProcessorsModule,
        ConfigResolverModule.forRootAsync({ useFactory: () => ({ directory, env }) }),
      ],
    }).compile();
    module.useLogger(false);
    await module.init();
    return module.get(PipelineCatalog);
  };

  const problemsOf = async (content: string) => {
    write('costs.yml', content);
    return (await start()).problems();
  };

  const thrownBy = (action: () => unknown): PipelineError => {
    try {
      action();
    } catch (error) {
      if (error instanceof PipelineError) return error;
      throw error;
    }
    throw new Error('Nothing was thrown.');
  };

  describe('entries', () => {
    it('lists every pipeline with what its file says', async () => {
      write('costs.yml', COSTS_YML);
      write('prices.yml', PRICES_YML);

      const catalog = await start();

      expect(catalog.entries()).toEqual([
        {
          provider: 'openai',
          domain: 'cost',
          pipeline: 'costs',
          file: 'openai/cost/costs.yml',
          description: 'Costs of {{org_slug}}',
          target: '{{org_slug}}_{{env}}.costs',
          write_disposition: 'replace_partitions',
          problems: [],
        },
        {
          provider: 'openai',
          domain: 'cost',
          pipeline: 'prices',
          file: 'openai/cost/prices.yml',
          target: '{{org_slug}}_{{env}}_raw.prices',
          write_disposition: 'replace',
          problems: [],
        },
      ]);
    });

    it('refuses the pipeline of a bad file and no other', async () => {
      write('broken.yml', 'pipeline: [\n');
      write('costs.yml', COSTS_YML);
      write('README.yaml', '');

      const catalog = await start();

      expect(catalog.entries().map(({ pipeline, problems }) => [pipeline, problems.length])).toEqual([
        ['broken', 1],
        ['costs', 0],
      ]);
      expect(catalog.problems().map(({ file }) => file)).toEqual([
        'openai/cost/README.yaml',
        'openai/cost/broken.yml',
      ]);
      expect(catalog.find('openai', 'cost', 'costs').processorClass).toBe('CostsProcessor');
    });
  });

  describe('find', () => {
    it('fills in the defaults', async () => {
      write('costs.yml', COSTS_YML);

      expect((await start()).find('openai', 'cost', 'costs')).toEqual({
        provider: 'openai',
        domain: 'cost',
        pipeline: 'costs',
        file: 'openai/cost/costs.yml',
        processorClass: 'CostsProcessor',
        backfillDays: 1,
        module: '@pipelines/fake',
        window: { lastDay: 'yesterday', lookbackDays: 1 },
        retry: { limit: 3, delayMs: 30_000 },
        timeoutMs: 1_800_000,
        dependsOn: [],
      });
    });

    it('takes what the file sets', async () => {
      write('prices.yml', PRICES_YML);

      expect((await start()).find('openai', 'cost', 'prices')).toMatchObject({
        window: { lastDay: 'today', lookbackDays: 7, restatePreviousMonthUntilDay: 5 },
        retry: { limit: 0, delayMs: 90_000 },
        timeoutMs: 7_200_000,
      });
    });

    it('reads what the pipeline depends on', async () => {
      write('costs.yml', COSTS_YML);
      write('prices.yml', `${PRICES_YML}\ndepends_on: [openai/cost/costs]\n`);

      expect((await start()).find('openai', 'cost', 'prices').dependsOn).toEqual([
        { provider: 'openai', domain: 'cost', pipeline: 'costs' },
      ]);
    });

    it.each([
      [
        'openai/cost/costs',
        'depends_on must be a list of different pipelines, each as provider/domain/pipeline.',
      ],
      [
        '[openai/cost]',
        'depends_on must be a list of different pipelines, each as provider/domain/pipeline.',
      ],
      [
        '[a/b/c, a/b/c]',
        'depends_on must be a list of different pipelines, each as provider/domain/pipeline.',
      ],
      [
        '[openai/cost/cost]',
        'depends_on: there is no pipeline openai/cost/cost. Did you mean openai/cost/costs?',
      ],
      [
        '[openai/cost/costs]',
        'depends_on: openai/cost/costs depends on openai/cost/costs. Break the circle.',
      ],
    ])('refuses to depend on %s', async (dependsOn, message) => {
      expect(await problemsOf(`${COSTS_YML}\ndepends_on: ${dependsOn}\n`)).toEqual([
        expect.objectContaining({ file: 'openai/cost/costs.yml', line: 17, field: 'depends_on', message }),
      ]);
    });

    it('refuses every pipeline of a circle, and none that leads into it', async () => {
      const depending = (name: string, on: string) =>
        write(
          `${name}.yml`,
          `${PRICES_YML.replace('name: prices', `name: ${name}`)}\ndepends_on: [openai/cost/${on}]\n`,
        );
      depending('one', 'two');
      depending('two', 'three');
      depending('three', 'one');
      depending('outside', 'one');

      expect((await start()).problems().map(({ file, message }) => [file, message])).toEqual([
        [
          'openai/cost/one.yml',
          'depends_on: openai/cost/one depends on openai/cost/two depends on openai/cost/three depends on openai/cost/one. Break the circle.',
        ],
        [
          'openai/cost/three.yml',
          'depends_on: openai/cost/three depends on openai/cost/one depends on openai/cost/two depends on openai/cost/three. Break the circle.',
        ],
        [
          'openai/cost/two.yml',
          'depends_on: openai/cost/two depends on openai/cost/three depends on openai/cost/one depends on openai/cost/two. Break the circle.',
        ],
      ]);
    });

    it('reads when the pipeline runs by itself', async () => {
      write('costs.yml', `${COSTS_YML}\nschedule: {cron: 0 3 * * *}\n`);
      write(
        'prices.yml',
        `${PRICES_YML}\nschedule: {cron: 30 2 1 * *, timezone: Europe/Berlin, jitter: 10m, catch_up: none}\n`,
      );
      const catalog = await start();

      expect(catalog.find('openai', 'cost', 'costs').schedule).toEqual({
        cron: '0 3 * * *',
        timezone: 'UTC',
        jitterMs: 0,
        catchUp: 'all',
      });
      expect(catalog.find('openai', 'cost', 'prices').schedule).toEqual({
        cron: '30 2 1 * *',
        timezone: 'Europe/Berlin',
        jitterMs: 600_000,
        catchUp: 'none',
      });
    });

    it.each([
      ['..', 'cost', 'costs', 'provider'],
      ['openai', 'co/st', 'costs', 'domain'],
      ['openai', 'cost', 'costs.yml', 'pipeline'],
      ['openai', 'cost', 'Costs', 'pipeline'],
      ['openai', 'cost', '', 'pipeline'],
      ['openai', 'cost', 'costs\n', 'pipeline'],
    ])('refuses the path %s/%s/%s', async (provider, domain, pipeline, field) => {
      write('costs.yml', COSTS_YML);
      const catalog = await start();

      const error = thrownBy(() => catalog.find(provider, domain, pipeline));

      expect(error).toMatchObject({ code: 'invalid_path_segment', facts: { field } });
    });

    it('offers the nearest pipeline when there is none of the name', async () => {
      write('costs.yml', COSTS_YML);
      const catalog = await start();

      const error = thrownBy(() => catalog.find('openai', 'cost', 'cost'));

      expect(error.code).toBe('pipeline_not_found');
      expect(error.message).toBe('There is no pipeline openai/cost/cost. Did you mean openai/cost/costs?');
    });

    it('gives the problems of a refused pipeline', async () => {
      write('costs.yml', COSTS_YML.replace('table: costs', 'table: Costs'));
      const catalog = await start();

      const error = thrownBy(() => catalog.find('openai', 'cost', 'costs'));

      expect(error).toMatchObject({
        code: 'pipeline_invalid',
        facts: { problems: [{ file: 'openai/cost/costs.yml', line: 13, column: 10, field: 'target.table' }] },
      });
    });
  });

  describe('problems', () => {
    it.each([
      [
        'another name',
        'name: costs',
        'name: cost',
        2,
        9,
        'pipeline.name is "cost" but the file\'s path says "costs"',
      ],
      ['another provider', 'provider: openai', 'provider: gcp', 3, 13, 'pipeline.provider is "gcp"'],
      [
        'an unknown key',
        '  table:',
        '  tabel: x\n  table:',
        13,
        3,
        'target.tabel: unknown key. Did you mean "table"?',
      ],
      [
        'an unknown section',
        'target:',
        'targets: {}\ntarget:',
        11,
        1,
        'targets: unknown key. Did you mean "target"?',
      ],
      [
        'a missing field',
        '  table: costs\n',
        '',
        11,
        1,
        'target.table is missing. target.table must begin with',
      ],
      [
        'a value left out',
        'table: costs',
        'table:',
        13,
        3,
        'target.table must begin with a lower-case letter',
      ],
      [
        'a wrong type',
        'table: costs',
        'table: 3',
        13,
        10,
        'target.table must begin with a lower-case letter',
      ],
      [
        'a section that is a text',
        /pipeline:[^]*slug}}\n/,
        'pipeline: costs\n',
        1,
        11,
        'pipeline must be a mapping',
      ],
      [
        'a section that is a list',
        /pipeline:[^]*slug}}\n/,
        'pipeline: []\n',
        1,
        11,
        'pipeline must be a mapping',
      ],
      [
        'a table that is no identifier',
        'table: costs',
        "table: 'a-{{date}}'",
        13,
        11,
        'target.table must begin',
      ],
      ['an unknown variable', '{{date}}', '{{dat}}', 10, 26, 'no variable "dat". Did you mean {{date}}?'],
      ['an unknown variable of the dataset', '_{{env}}', '_{{evn}}', 12, 26, 'no variable "evn"'],
      ['open braces', '{{date}}', '{{date', 10, 26, 'the braces of "{{date " are not closed'],
      [
        'a shared dataset',
        '{{org_slug}}_{{env}}',
        'billing_{{env}}',
        12,
        13,
        'no two organizations share a dataset',
      ],
      ['a dataset with a prefix', "'{{org_slug}}_", "'raw_{{org_slug}}_", 12, 13, 'no two organizations'],
      ['a dataset named after the env', "_{{env}}'", "_{{env}}_x_prod'", 12, 13, 'no two organizations'],
      [
        'an unknown processor',
        ': CostsProcessor',
        ': CostProcessor',
        7,
        10,
        'Did you mean "CostsProcessor"?',
      ],
      ['another module', '@pipelines/fake', './fake.js', 8, 12, 'is exported by "@pipelines/fake"'],
      [
        'an unknown option',
        'label:',
        'lable:',
        10,
        5,
        'processor.options.lable: unknown key. Did you mean "label"?',
      ],
      ['a bad option', 'label:', 'width: week\n    label:', 10, 12, 'processor.options.width must be one of'],
      [
        'an unknown cluster column',
        '[project_id]',
        '[project]',
        15,
        12,
        'no column "project". Did you mean "project_id"?',
      ],
      [
        'a credential that is no name',
        '  table: costs',
        '  credentials: Acme Loader\n  table: costs',
        13,
        16,
        'target.credentials must begin with a lower-case letter',
      ],
      ['a JSON cluster column', '[project_id]', '[labels]', 15, 12, '"labels" is a JSON column'],
      [
        'a cluster that is no list',
        '[project_id]',
        'project_id',
        15,
        12,
        'target.cluster must be a list of different columns, at most 4',
      ],
      [
        'a partition that is no date',
        'partition: usage_date',
        'partition: project_id',
        14,
        14,
        'name a DATE column',
      ],
      ['another partition', 'partition: usage_date', 'partition: invoice_date', 14, 14, 'partition by it'],
      [
        'merge without a key',
        '  table:',
        '  write_disposition: merge\n  table:',
        11,
        1,
        'merge needs the columns',
      ],
      [
        'a disposition',
        '  table:',
        '  write_disposition: upsert\n  table:',
        13,
        22,
        'must be one of the following values',
      ],
      [
        'a long window',
        'target:',
        'window: {lookback_days: 367}\ntarget:',
        11,
        25,
        'must not be greater than 366',
      ],
      [
        'a restatement past the end of a February',
        'target:',
        'window: {restate_previous_month_until_day: 29}\ntarget:',
        11,
        44,
        'window.restate_previous_month_until_day must not be greater than 28',
      ],
      ['a duration', 'target:', 'timeout: 30 minutes\ntarget:', 11, 10, 'timeout must be a duration such as'],
      ['a long timeout', 'target:', 'timeout: 23h\ntarget:', 11, 10, 'at most "22h"'],
      [
        'many retries',
        'target:',
        'retry: {limit: 11}\ntarget:',
        11,
        16,
        'retry.limit must not be greater than 10',
      ],
      [
        'a cron with seconds',
        'target:',
        'schedule: {cron: 0 0 3 * * *}\ntarget:',
        11,
        18,
        'schedule.cron must be a cron expression such as "0 3 * * *": it must have five fields',
      ],
      [
        'a time zone',
        'target:',
        'schedule: {cron: 0 3 * * *, timezone: Berlin}\ntarget:',
        11,
        39,
        'schedule.timezone must be a name of the IANA time zone database',
      ],
      [
        'a catch-up policy',
        'target:',
        'schedule: {cron: 0 3 * * *, catch_up: some}\ntarget:',
        11,
        39,
        'schedule.catch_up must be one of the following values: all, latest, none',
      ],
      [
        'a credential',
        'target:',
        'credentials: My Key\ntarget:',
        11,
        14,
        'credentials must begin with a lower-case',
      ],
    ])('reports %s', async (_what, old, replacement, line, column, message) => {
      const problems = await problemsOf(COSTS_YML.replace(old, () => replacement));

      expect(problems).toEqual([
        {
          file: 'openai/cost/costs.yml',
          line,
          column,
          field: expect.any(String),
          message: expect.stringContaining(message),
        },
      ]);
    });

    it('reports all of one file, in the order of their lines', async () => {
      const problems = await problemsOf(
        COSTS_YML.replace('name: costs', 'name: other')
          .replace('{{date}}', '{{day}} {{month}}')
          .replace('table: costs', 'table: No Table')
          .replace('target:', 'timeout: soon\ntarget:'),
      );

      expect(problems.map(({ field, line }) => [field, line])).toEqual([
        ['pipeline.name', 2],
        ['processor.options.label', 10],
        ['processor.options.label', 10],
        ['timeout', 11],
        ['target.table', 14],
      ]);
    });

    it('reports replace_partitions of a table without a window column', async () => {
      write(
        'prices.yml',
        PRICES_YML.replace('table: prices', 'table: prices, write_disposition: replace_partitions'),
      );

      expect((await start()).problems()).toEqual([
        expect.objectContaining({
          field: 'target.write_disposition',
          message: expect.stringContaining('no window column'),
        }),
      ]);
    });

    it('reports options of a processor that takes none', async () => {
      write('prices.yml', PRICES_YML.replace("fake'}", "fake', options: {a: 1}}"));

      expect((await start()).problems()).toEqual([
        expect.objectContaining({ message: 'processor.options.a: unknown key. Known here: none.' }),
      ]);
    });
  });

  describe('problems of tables that several pipelines write to', () => {
    const second = (change: (yml: string) => string = (yml) => yml) =>
      write('costs_eu.yml', change(COSTS_YML.replace('name: costs', 'name: costs_eu')));
    const eu = (yml: string) => `${yml}credentials: eu\n`;
    const problems = async () =>
      (await start()).problems().map(({ file, field, message }) => [file, field, message]);

    beforeEach(() => write('costs.yml', COSTS_YML));

    it('lets the pipelines of two accounts share a table', async () => {
      second(eu);

      expect(await problems()).toEqual([]);
    });

    it('lets pipelines of one account with other options share a table', async () => {
      second((yml) => yml.replace('options:', 'options:\n    width: hour'));

      expect(await problems()).toEqual([]);
    });

    it('lets pipelines have tables of one name in different datasets', async () => {
      second((yml) => yml.replace("_{{env}}'", "_{{env}}_raw'"));

      expect(await problems()).toEqual([]);
    });

    it('refuses both pipelines that load the same rows', async () => {
      second((yml) => yml.replace('partition: usage_date', 'partition: usage_date # again'));

      const message = (other: string) =>
        `target.table: openai/cost/${other} loads the same rows into this table, so that they would count twice. Keep one of them, or name another credential in "credentials".`;
      expect(await problems()).toEqual([
        ['openai/cost/costs.yml', 'target.table', message('costs_eu')],
        ['openai/cost/costs_eu.yml', 'target.table', message('costs')],
      ]);
    });

    it('refuses rows with other columns in one table', async () => {
      write('prices.yml', PRICES_YML.replace('_raw', '').replace('table: prices', 'table: costs'));

      expect(await problems()).toEqual([
        [
          'openai/cost/costs.yml',
          'target.table',
          'target.table: openai/cost/prices loads rows with other columns into this table. Give each a table of its own.',
        ],
        ['openai/cost/prices.yml', 'target.table', expect.stringContaining('openai/cost/costs loads rows')],
      ]);
    });

    it.each([
      [
        'write_disposition',
        'table: costs',
        'table: costs\n  write_disposition: append',
        '"replace_partitions"',
      ],
      [
        'partition',
        'partition: usage_date',
        'partition: invoice_date\n  write_disposition: append',
        '"usage_date"',
      ],
      ['cluster', 'cluster: [project_id]', 'cluster: [usage_date]', '["project_id"]'],
      [
        'merge_key',
        'table: costs',
        'table: costs\n  write_disposition: merge\n  merge_key: [project_id]',
        'null',
      ],
    ])('refuses another %s in one table', async (field, from, to, theirs) => {
      second((yml) => eu(yml.replace(from, to)));

      expect(await problems()).toContainEqual([
        'openai/cost/costs_eu.yml',
        `target.${field}`,
        `target.${field}: openai/cost/costs writes to the same table with ${theirs}. Make them agree, or give each a table of its own.`,
      ]);
    });

    it('refuses none for the sake of one that is refused already', async () => {
      second((yml) => yml.replace('class: CostsProcessor', 'class: CostProcessor'));

      expect((await problems()).map(([file]) => file)).toEqual(['openai/cost/costs_eu.yml']);
    });
  });

  describe('resolveRun', () => {
    const resolve = (catalog: PipelineCatalog, run = RUN) =>
      catalog.resolveRun(catalog.find('openai', 'cost', 'costs'), run);

    it('substitutes the templates and instantiates the options', async () => {
      write('costs.yml', COSTS_YML);

      const resolved = resolve(await start());

      expect(resolved).toEqual({
        provider: 'openai',
        domain: 'cost',
        pipeline: 'costs',
        processorClass: 'CostsProcessor',
        module: '@pipelines/fake',
        options: { width: 'day', label: 'acme 2026-11-01 4f5c2d1e-0000-4000-8000-000000000001' },
        target: {
          dataset: 'acme_prod',
          table: 'costs',
          writeDisposition: 'replace_partitions',
          partitionBy: 'usage_date',
          clusterBy: ['project_id'],
        },
        writers: [
          {
            pipeline: 'openai/cost/costs',
            processorClass: 'CostsProcessor',
            table: 'costs',
            credentials: 'default',
          },
        ],
        credentials: 'default',
        retry: { limit: 3, delayMs: 30_000 },
        timeoutMs: 1_800_000,
        hash: expect.stringMatching(/^[0-9a-f]{64}$/),
      });
      expect(resolved.options).toBeInstanceOf(CostsOptions);
    });

    it('names the pipelines that load into the dataset of the organization', async () => {
      const costs = (name: string) => COSTS_YML.replace('name: costs', `name: ${name}`);
      write('costs.yml', COSTS_YML);
      write(
        'costs_eu.yml',
        `${costs('costs_eu').replace('table: costs', 'table: costs_{{env}}')}credentials: eu\n`,
      );
      write('elsewhere.yml', costs('elsewhere').replace("_{{env}}'", "_{{env}}_raw'"));
      const catalog = await start();

      const writers = [
        expect.objectContaining({ pipeline: 'openai/cost/costs', table: 'costs', credentials: 'default' }),
        expect.objectContaining({ pipeline: 'openai/cost/costs_eu', table: 'costs_prod', credentials: 'eu' }),
      ];
      expect(resolve(catalog).writers).toEqual(writers);
      expect(catalog.writersInto('acme_prod', 'acme')).toEqual(writers);
      expect(catalog.writersInto('acme_prod', 'other')).toEqual([]);
    });

    it('names pipelines that are refused, too, where their files say what they load', async () => {
      const refused = (name: string, table: string, credentials: string) =>
        write(
          `${name}.yml`,
          `timeout: soon\n${COSTS_YML.replace('table: costs', `table: ${table}`)}credentials: ${credentials}\n`,
        );
      write('costs.yml', COSTS_YML);
      refused('costs_eu', 'costs_eu', 'eu');
      refused('costs_us', 'costs_us', `"us'"`);
      refused('costs_asia', "'costs`'", 'asia');
      write('no_section.yml', 'target: nothing\nprocessor:\n');
      write('no_yaml.yml', 'target: {');

      const writers = (await start()).writersInto('acme_prod', 'acme');

      expect(writers.map(({ pipeline, table, credentials }) => [pipeline, table, credentials])).toEqual([
        ['openai/cost/costs', 'costs', 'default'],
        ['openai/cost/costs_eu', 'costs_eu', 'eu'],
      ]);
    });

    it('names pipelines that refuse one another', async () => {
      write('costs.yml', COSTS_YML);
      write('costs_eu.yml', COSTS_YML.replace('name: costs', 'name: costs_eu'));

      const writers = (await start()).writersInto('acme_prod', 'acme');

      expect(writers.map(({ pipeline }) => pipeline)).toEqual(['openai/cost/costs', 'openai/cost/costs_eu']);
    });

    it('names the credential that the warehouse is opened with', async () => {
      write('costs.yml', COSTS_YML.replace('  table: costs', '  table: costs\n  credentials: loader'));

      expect(resolve(await start())).toMatchObject({
        target: { credentials: 'loader' },
        credentials: 'default',
      });
    });

    it('refuses values that make an illegal name', async () => {
      write('costs.yml', COSTS_YML);
      const catalog = await start();

      const error = thrownBy(() => resolve(catalog, { ...RUN, org: 'a`; DROP' }));

      expect(error).toMatchObject({
        code: 'configuration_invalid',
        facts: { problems: [{ field: 'target.dataset', line: 12, column: 13 }] },
      });
    });

    it('resolves what the file says of credential, retries and timeout', async () => {
      write('prices.yml', PRICES_YML);
      const catalog = await start();

      const resolved = catalog.resolveRun(catalog.find('openai', 'cost', 'prices'), RUN);

      expect(resolved).toMatchObject({
        target: { dataset: 'acme_prod_raw', table: 'prices', writeDisposition: 'replace' },
        credentials: 'readonly',
        retry: { limit: 0, delayMs: 90_000 },
        timeoutMs: 7_200_000,
      });
    });

    it('hashes alike what differs in the run, the order of keys and comments alone', async () => {
      write('costs.yml', COSTS_YML);
      const first = resolve(await start()).hash;
      await module?.close();
      write('costs.yml', `# comment\n${COSTS_YML.replace(/( {2}table: costs\n)([^]*)$/, '$2$1')}`);

      const second = resolve(await start(), { ...RUN, runId: '4f5c2d1e-0000-4000-8000-000000000002' }).hash;

      expect(second).toBe(first);
    });

    it('hashes apart what differs in a value', async () => {
      write('costs.yml', COSTS_YML);
      const catalog = await start();

      const hashes = [
        RUN,
        { ...RUN, org: 'other' },
        { ...RUN, window: { start: '2026-11-02', end: '2026-11-04' } },
      ];

      expect(new Set(hashes.map((run) => resolve(catalog, run).hash)).size).toBe(3);
    });
  });

  it('does not start in an environment whose name could join with an organization into that of another', async () => {
    await expect(start('a_b')).rejects.toThrow('The environment "a_b" must match');
  });
});
