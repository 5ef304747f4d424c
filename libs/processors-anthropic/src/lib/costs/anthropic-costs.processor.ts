import {
  addDays,
  Processor,
  toUtcDate,
  type ProcessorContext,
  type Row,
  type RowProcessor,
  type TableSchema,
  type UtcDate,
} from '@pipelines/pipeline';
import { AnthropicClient } from '../anthropic-client.ts';
import type { AnthropicSecret } from '../anthropic.secret.ts';
import { AnthropicNames } from '../names/anthropic-names.ts';
import { readCost, type AnthropicCost } from './anthropic-costs.api.ts';
import { AnthropicCostsOptions } from './anthropic-costs.options.ts';
import { ANTHROPIC_COSTS_SCHEMA } from './anthropic-costs.schema.ts';

const GROUP_BY = ['workspace_id', 'description'];

/**
 * Loads what Anthropic charges, one row per UTC day, workspace and description, with the names of organization and
 * workspaces. Priority Tier spend is not in the report. One batch is a day, or a part of a large one.
 */
@Processor({
  name: 'AnthropicCostsProcessor',
  module: '@pipelines/processors-anthropic',
  provider: 'anthropic',
  options: AnthropicCostsOptions,
})
export class AnthropicCostsProcessor implements RowProcessor<AnthropicCostsOptions, AnthropicSecret> {
  readonly kind = 'rows';

  constructor(private readonly client: AnthropicClient) {}

  schemaFor(): TableSchema {
    return ANTHROPIC_COSTS_SCHEMA;
  }

  async *extract(
    context: ProcessorContext<AnthropicCostsOptions, AnthropicSecret>,
  ): AsyncGenerator<readonly Row[]> {
    const { options, window } = context;
    const names = new AnthropicNames(this.client, context);
    const query = {
      path: 'organizations/cost_report',
      window,
      from: startWithCompletedDay(window.start),
      groupBy: GROUP_BY,
      pageDays: options.page_days,
    };
    for await (const { day, results } of this.client.buckets(query, context)) {
      if (results.length === 0) continue;
      const costs = results.map(readCost);
      await names.readOrganization();
      await names.readFor(costs);
      yield costs.map((cost) => toRow(day, cost, names));
    }
  }
}

/** The report is refused when no completed day lies in it, so that a query of today alone begins a day earlier. */
function startWithCompletedDay(start: UtcDate): UtcDate {
  const yesterday = addDays(toUtcDate(new Date()), -1);
  return start < yesterday ? start : yesterday;
}

function toRow(day: UtcDate, cost: AnthropicCost, names: AnthropicNames): Row {
  return {
    usage_date: day,
    organization_id: names.organization?.id ?? null,
    organization_name: names.organization?.name ?? null,
    ...names.workspaceColumns(cost.workspaceId),
    description: cost.description,
    cost_type: cost.costType,
    token_type: cost.tokenType,
    model: cost.model,
    service_tier: cost.serviceTier,
    context_window: cost.contextWindow,
    inference_geo: cost.inferenceGeo,
    amount: cost.amount,
    amount_text: cost.amountAsReceived,
    currency: cost.currency,
  };
}
