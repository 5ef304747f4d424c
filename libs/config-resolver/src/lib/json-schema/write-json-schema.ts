import { writeFileSync } from 'node:fs';
import { pipelineJsonSchema } from './pipeline-json-schema.ts';

/** Run by this lib's `schema` script after a build. */
const committed = new URL('../../../../../configs/pipeline.schema.json', import.meta.url);
writeFileSync(committed, `${JSON.stringify(pipelineJsonSchema(), null, 2)}\n`);
