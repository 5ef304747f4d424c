import { Module } from '@nestjs/common';
import {
  Processor,
  Provider,
  type ProcessorContext,
  type Row,
  type RowProcessor,
  type TableSchema,
} from '@pipelines/pipeline';
import { IsString } from 'class-validator';

/** The columns that the pipeline's configuration names. */
const SCHEMA: TableSchema = {
  description: 'Nothing.',
  columns: [
    { name: 'usage_date', type: 'DATE', description: 'UTC day' },
    { name: 'project_id', type: 'STRING', description: 'Project' },
    { name: 'line_item', type: 'STRING', description: 'What was billed' },
  ],
  windowColumn: 'usage_date',
};

class NoopSecret {
  @IsString()
  api_key: string;
}

class NoopOptions {}

@Provider({ name: 'openai', secret: NoopSecret })
class NoopProvider {}

/** Answers at once, and with nothing. It goes by the name of the processor that the API has admitted the run for. */
@Processor({
  name: 'OpenAiCostsProcessor',
  module: '@pipelines/processors-openai',
  provider: 'openai',
  options: NoopOptions,
})
class NoopProcessor implements RowProcessor<NoopOptions, NoopSecret> {
  readonly kind = 'rows';

  schemaFor(): TableSchema {
    return SCHEMA;
  }

  async *extract(_context: ProcessorContext<NoopOptions, NoopSecret>): AsyncGenerator<readonly Row[]> {}
}

/** A provider that has billed nothing. */
@Module({ providers: [NoopProvider, NoopProcessor] })
export class NoopProviderModule {}
