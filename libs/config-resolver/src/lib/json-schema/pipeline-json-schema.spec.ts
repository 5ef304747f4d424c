import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { validateFields } from '../check/validate-fields.ts';
import { PipelineFile } from '../file/pipeline-file.dto.ts';
import { pipelineJsonSchema } from './pipeline-json-schema.ts';

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
}

const schema = pipelineJsonSchema() as Schema;

describe('pipelineJsonSchema', () => {
  it('is what configs/pipeline.schema.json holds (npm run schema -w @pipelines/config-resolver writes it)', () => {
    const committed = new URL('../../../../../configs/pipeline.schema.json', import.meta.url);

    expect(JSON.parse(readFileSync(committed, 'utf8'))).toEqual(schema);
  });

  it('knows the keys that the service knows', () => {
    const unknown = Object.fromEntries(
      Object.entries(schema.properties!).map(([key, { properties }]) => [key, properties ? { '?': 0 } : 0]),
    );

    const { problems } = validateFields(PipelineFile, { ...unknown, '?': 0 });

    const known = (field: string) =>
      problems
        .find((problem) => problem.field === field)!
        .message.match(/Known here: (.*)\./)![1]!
        .split(', ')
        .sort();
    expect(known('?')).toEqual(Object.keys(schema.properties!).sort());
    for (const [key, { properties }] of Object.entries(schema.properties!)) {
      if (properties && key !== 'options') expect(known(`${key}.?`)).toEqual(Object.keys(properties).sort());
    }
  });

  it('requires the keys that the service requires', () => {
    const { problems } = validateFields(PipelineFile, { pipeline: {}, processor: {}, target: {} });

    const required = ['pipeline', 'processor', 'target'].flatMap((key) =>
      schema.properties![key]!.required!.map((child) => `${key}.${child}`),
    );
    expect(problems.map(({ field }) => field).sort()).toEqual(required.sort());
    expect(validateFields(PipelineFile, {}).problems.map(({ field }) => field)).toEqual(schema.required);
  });
});
