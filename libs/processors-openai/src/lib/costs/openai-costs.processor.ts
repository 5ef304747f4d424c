import {
  Processor,
  type ProcessorContext,
  type Row,
  type RowProcessor,
  type RunWindow,
  type TableSchema,
  type TargetReader,
  type UtcDate,
} from '@pipelines/pipeline';
import { OpenAiNames } from '../names/openai-names.ts';
import { OpenAiClient } from '../openai-client.ts';
import type { OpenAiSecret } from '../openai.secret.ts';
import { LineItems } from './line-item.ts';
import { readCost, type OpenAiCost } from './openai-costs.api.ts';
import {
  COST_COLUMNS,
  COST_DIMENSIONS,
  OpenAiCostsOptions,
  type CostDimension,
} from './openai-costs.options.ts';
import { OPENAI_COSTS_SCHEMA } from './openai-costs.schema.ts';

/** OpenAI refuses to group costs by API key when the query starts before this day. */
const FIRST_DAY_WITH_KEYS: UtcDate = '2025-12-06';

type Context = ProcessorContext<OpenAiCostsOptions, OpenAiSecret>;

/**
 * Loads what OpenAI charges, one row per UTC day, project, API key and line item, with the names of projects and keys.
 * All of these are optional for the money: a dimension that OpenAI refuses is null, unless rows are merged by it. One batch
 * is a day, or a part of a large one.
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

  schemaFor({ leave_out: left }: OpenAiCostsOptions): TableSchema {
    return { ...OPENAI_COSTS_SCHEMA, leftOut: left.flatMap((dimension) => COST_COLUMNS[dimension]) };
  }

  async *extract(
    context: Context,
    { mergeKey = [] }: Partial<TargetReader> = {},
  ): AsyncGenerator<readonly Row[]> {
    const { options } = context;
    const names = new OpenAiNames(this.client, context);
    const toRow = rowBuilder(names, context.secret.reveal());
    for (const { window, dimensions } of spansOf(context.window)) {
      const groupBy = dimensions.filter((name) => !options.leave_out.includes(name));
      const optional = groupBy.filter(
        (name) => !COST_COLUMNS[name].some((column) => mergeKey.includes(column)),
      );
      const query = { path: 'organization/costs', window, groupBy, optional, pageDays: options.page_days };
      for await (const { day, results } of this.client.buckets(query, context)) {
        if (results.length === 0) continue;
        const costs = results.map(readCost);
        await names.readFor(costs);
        yield costs.map((cost) => toRow(day, cost));
      }
    }
  }
}

interface Span {
  readonly window: RunWindow;
  readonly dimensions: readonly CostDimension[];
}

function spansOf({ start, end }: RunWindow): readonly Span[] {
  // The middle one of three days: the first day with keys, brought into the window.
  const boundary = [start, FIRST_DAY_WITH_KEYS, end].sort()[1]!;
  const spans: Span[] = [
    { window: { start, end: boundary }, dimensions: ['project_id', 'line_item'] },
    { window: { start: boundary, end }, dimensions: COST_DIMENSIONS },
  ];
  return spans.filter(({ window }) => window.start < window.end);
}

function rowBuilder(
  names: OpenAiNames,
  { organization_id, organization_name }: OpenAiSecret,
): (day: UtcDate, cost: OpenAiCost) => Row {
  const lineItems = new LineItems();
  return (day, cost) => {
    const parts = cost.lineItem === null ? null : lineItems.parse(cost.lineItem);
    const owner = names.ownerOf(cost.apiKeyId);
    return {
      usage_date: day,
      organization_id: cost.organizationId ?? organization_id ?? null,
      organization_name: organization_name ?? null,
      project_id: cost.projectId,
      project_name: names.project(cost.projectId),
      api_key_id: cost.apiKeyId,
      api_key_name: names.apiKey(cost.apiKeyId),
      user_id: owner?.id ?? null,
      user_name: owner?.name ?? null,
      line_item: cost.lineItem,
      service_tier: parts?.serviceTier ?? null,
      product: parts?.product ?? null,
      model: parts?.model ?? null,
      meter: parts?.meter ?? null,
      qualifiers: parts?.qualifiers ?? null,
      quantity: cost.quantity,
      quantity_unit: cost.quantityUnit,
      amount: cost.amount,
      amount_text: cost.amountAsReceived,
      currency: cost.currency,
    };
  };
}
