import { toDecimalText } from '../deterministic/fixed-point.ts';
import { groupEntries } from '../deterministic/group-entries.ts';
import type { CostEntry } from './cost-ledger.ts';

/** Dimensions that costs can be grouped by. */
export const COST_DIMENSIONS = ['workspace_id', 'description'] as const;

/** A dimension of costs. */
export type CostDimension = (typeof COST_DIMENSIONS)[number];

/** What a result tells beside a description. */
const PARTS = [
  'description',
  'cost_type',
  'token_type',
  'model',
  'service_tier',
  'context_window',
  'inference_geo',
] as const;

/** The sum of the entries that share the dimensions. */
export interface CostGroup {
  readonly first: CostEntry;
  /** In 10⁻²⁵ cents. */
  amount: bigint;
}

/** The groups of a day's entries. */
export function groupCosts(entries: readonly CostEntry[], dimensions: readonly CostDimension[]): CostGroup[] {
  return groupEntries<CostEntry, CostGroup>(
    entries,
    columnsOf(dimensions),
    (first) => ({ first, amount: 0n }),
    (group, entry) => {
      group.amount += entry.amount;
    },
  );
}

/** A group as the API writes it: the amount is a text, in cents. */
export function costResult({ first, amount }: CostGroup, dimensions: readonly CostDimension[]): object {
  const columns = columnsOf(dimensions);
  return {
    currency: 'USD',
    amount: toDecimalText(amount),
    ...Object.fromEntries(
      (['workspace_id', ...PARTS] as const).map((name) => [
        name,
        columns.includes(name) ? first[name] : null,
      ]),
    ),
  };
}

function columnsOf(dimensions: readonly CostDimension[]): (keyof CostEntry)[] {
  return [
    ...(dimensions.includes('workspace_id') ? (['workspace_id'] as const) : []),
    ...(dimensions.includes('description') ? PARTS : []),
  ];
}
