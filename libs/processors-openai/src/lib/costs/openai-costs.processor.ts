import {
  Processor,
  type ProcessorContext,
  type Row,
  type RowProcessor,
  type RunWindow,
  type TableSchema,
  type UtcDate,
} from '@pipelines/pipeline';
import { OpenAiClient } from '../openai-client.ts';
import type { OpenAiSecret } from '../openai.secret.ts';
import { readCost, type OpenAiCost } from './openai-costs.api.ts';
import { OpenAiCostsOptions } from './openai-costs.options.ts';
import { OPENAI_COSTS_SCHEMA } from './openai-costs.schema.ts';

/** OpenAI refuses to group costs by API key when the query starts before this day. */
const FIRST_DAY_WITH_KEYS: UtcDate = '2025-12-06';

/**
 * Loads what OpenAI charges, one row per UTC day, project, API key and line item.
 * One batch is a day, or a part of a large one.
 */
@Processor({
  name: 'OpenAiCostsProcessor',
  module: '@pipelines/processors-openai',
  provider: 'openai',
  options: OpenAiCostsOptions,
})
export class OpenAiCostsProcessor implements RowProcessor<OpenAiCostsOptions, OpenAiSecret> {
  readonly kind = 'rows';

  constructor(private readonly client: OpenAiClient) {}

  schemaFor(): TableSchema {
    return OPENAI_COSTS_SCHEMA;
  }

  async *extract(
    context: ProcessorContext<OpenAiCostsOptions, OpenAiSecret>,
  ): AsyncGenerator<readonly Row[]> {
    for (const { window, groupBy } of spansOf(context.window)) {
      const query = { path: 'organization/costs', window, groupBy, pageDays: context.options.page_days };
      for await (const { day, results } of this.client.results(query, context)) {
        if (results.length > 0) yield results.map((result) => toRow(day, readCost(result)));
      }
    }
  }
}

interface Span {
  readonly window: RunWindow;
  readonly groupBy: readonly string[];
}

function spansOf({ start, end }: RunWindow): readonly Span[] {
  // The middle one of three days: the first day with keys, brought into the window.
  const boundary = [start, FIRST_DAY_WITH_KEYS, end].sort()[1]!;
  const spans = [
    { window: { start, end: boundary }, groupBy: ['project_id', 'line_item'] },
    { window: { start: boundary, end }, groupBy: ['project_id', 'line_item', 'api_key_id'] },
  ];
  return spans.filter(({ window }) => window.start < window.end);
}

function toRow(day: UtcDate, cost: OpenAiCost): Row {
  return {
    usage_date: day,
    project_id: cost.projectId,
    api_key_id: cost.apiKeyId,
    line_item: cost.lineItem,
    amount: cost.amount,
    amount_text: cost.amountAsReceived,
    currency: cost.currency,
    quantity: cost.quantity,
    quantity_unit: cost.quantityUnit,
  };
}
