import type { ExportColumns } from '../export/export-columns.ts';
import { selectColumns, type ExportSelection } from '../export/export-selection.ts';
import type { SqlDialect } from '../export/sql-dialect.ts';
import { MODEL_PATHS, PRICE_PATHS, PRICING_EXPORT_PATHS, TIER_PATHS } from './gcp-pricing-export.paths.ts';
import { GCP_PRICES_SCHEMA } from './gcp-pricing-export.schema.ts';

/** Prices of one kind. */
export interface PriceSelection extends ExportSelection {
  readonly kind: 'list' | 'account';
  /** The array of consumption models, each `model` of which has prices; the price is the row's own when absent. */
  readonly models?: string;
  /** The array whose elements are each a `tier`. */
  readonly tiers: string;
}

const MODELS = 'consumption_model_prices';
const PRICES = { list: 'list_price', account: 'billing_account_price' } as const;

/** List prices and those of the account, by default and of consumption models, as far as the export has them. */
export function priceSelections(
  source: ExportColumns,
  dialect: SqlDialect,
  from: Pick<ExportSelection, 'table' | 'condition'>,
): PriceSelection[] {
  return ([undefined, MODELS] as const).flatMap((models) =>
    (['list', 'account'] as const)
      .filter((kind) => source.has(below(models, `${PRICES[kind]}.tiered_rates`)))
      .map((kind) => ({
        ...from,
        kind,
        columns: columnsOf(source, dialect, PRICES[kind], models),
        ...(models !== undefined && { models: dialect.field(models) }),
        tiers: dialect.field(below(models && 'model', `${PRICES[kind]}.tiered_rates`)),
      })),
  );
}

function columnsOf(
  source: ExportColumns,
  dialect: SqlDialect,
  price: string,
  models: typeof MODELS | undefined,
): string[] {
  const { columns } = GCP_PRICES_SCHEMA;
  const model = { name: 'model', within: MODELS };
  const tier = { name: 'tier', within: below(models, `${price}.tiered_rates`) };
  const ofPrice = Object.entries(PRICE_PATHS).map(([name, path]) => [name, `${price}.${path}`] as const);
  return [
    ...selectColumns(columns, PRICING_EXPORT_PATHS, source, dialect),
    ...selectColumns(columns, Object.fromEntries(ofPrice), source, dialect, models && model),
    ...selectColumns(columns, TIER_PATHS, source, dialect, tier),
    // Of the row's own prices, no model: a path that no export has.
    ...selectColumns(
      columns,
      MODEL_PATHS,
      source,
      dialect,
      models ? model : { name: 'model', within: 'none' },
    ),
  ];
}

function below(prefix: string | undefined, path: string): string {
  return prefix === undefined ? path : `${prefix}.${path}`;
}
