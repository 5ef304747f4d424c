import { Draw } from '../deterministic/draw.ts';
import { toDecimalText } from '../deterministic/fixed-point.ts';
import { groupEntries } from '../deterministic/group-entries.ts';
import { rawNumber } from '../deterministic/raw-number.ts';
import type { CostEntry } from './cost-ledger.ts';

/** Dimensions that costs can be grouped by. */
export const COST_DIMENSIONS = ['project_id', 'line_item', 'api_key_id'] as const;

/** A dimension of costs. */
export type CostDimension = (typeof COST_DIMENSIONS)[number];

/** The sum of the entries that share the dimensions. */
export interface CostGroup {
  readonly first: CostEntry;
  amount: bigint;
  quantity: bigint;
}

/** The groups of a day's entries. */
export function groupCosts(entries: readonly CostEntry[], dimensions: readonly CostDimension[]): CostGroup[] {
  return groupEntries<CostEntry, CostGroup>(
    entries,
    dimensions,
    (first) => ({ first, amount: 0n, quantity: 0n }),
    (group, entry) => {
      group.amount += entry.amount;
      group.quantity += entry.quantity;
    },
  );
}

/** A group as the API writes it: amounts as text on some rows and as a number of many digits on others. */
export function costResult(
  { first, amount, quantity }: CostGroup,
  dimensions: readonly CostDimension[],
  organizationId: string,
): object {
  const grouped = (dimension: CostDimension): string | null =>
    dimensions.includes(dimension) ? first[dimension] : null;
  const measured = dimensions.includes('line_item') && first.unit !== null;
  return {
    object: 'organization.costs.result',
    amount: { value: amountValue(amount), currency: 'usd' },
    line_item: grouped('line_item'),
    project_id: grouped('project_id'),
    api_key_id: grouped('api_key_id'),
    quantity: measured ? rawNumber(toDecimalText(quantity, 2)) : null,
    quantity_unit: measured ? first.unit : null,
    organization_id: organizationId,
    api_source: null,
  };
}

function amountValue(amount: bigint): unknown {
  const draw = new Draw('spelling', String(amount));
  if (draw.oneIn(20)) return rawNumber(`${amount}e-25`);
  return draw.oneIn(2) ? toDecimalText(amount) : rawNumber(toDecimalText(amount));
}
