import {
  addDays,
  Processor,
  toUtcDate,
  type ProcessorContext,
  type Row,
  type RowProcessor,
  type TableSchema,
  type TargetReader,
  type UtcDate,
} from '@pipelines/pipeline';
import { AnthropicClient } from '../anthropic-client.ts';
import type { AnthropicSecret } from '../anthropic.secret.ts';
import { AnthropicNames } from '../names/anthropic-names.ts';
import { readCost, type AnthropicCost } from './anthropic-costs.api.ts';
import { AnthropicCostsOptions, COST_COLUMNS, COST_DIMENSIONS } from './anthropic-costs.options.ts';
import { ANTHROPIC_COSTS_SCHEMA } from './anthropic-costs.schema.ts';

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

  schemaFor({ leave_out: left }: AnthropicCostsOptions): TableSchema {
    return { ...ANTHROPIC_COSTS_SCHEMA, leftOut: left.flatMap((dimension) => COST_COLUMNS[dimension]) };
  }

  async *extract(
    context: ProcessorContext<AnthropicCostsOptions, AnthropicSecret>,
    { mergeKey = [] }: Partial<TargetReader> = {},
  ): AsyncGenerator<readonly Row[]> {
    const { options, window } = context;
    const names = new AnthropicNames(this.client, context);
    const groupBy = COST_DIMENSIONS.filter((dimension) => !options.leave_out.includes(dimension));
    const query = {
      path: 'organizations/cost_report',
      window,
      from: startWithCompletedDay(window.start),
      groupBy,
      optional: groupBy.filter(
        (dimension) => !COST_COLUMNS[dimension].some((column) => mergeKey.includes(column)),
      ),
      pageDays: options.page_days,
    };
    for await (const { day, results, groupBy: grouped } of this.client.buckets(query, context)) {
      if (results.length === 0) continue;
      const costs = results.map(readCost);
      await names.readOrganization();
      const byWorkspace = grouped.includes('workspace_id');
      if (byWorkspace) await names.readFor(costs);
      yield costs.map((cost) => ({
        ...toRow(day, cost, names),
        ...(byWorkspace ? names.workspaceColumns(cost.workspaceId) : NO_WORKSPACE),
      }));
    }
  }
}

/** Of a cost that is not grouped by workspace, whose null would stand for the default one. */
const NO_WORKSPACE = { workspace_id: null, default_workspace_id: null, workspace_name: null };

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
