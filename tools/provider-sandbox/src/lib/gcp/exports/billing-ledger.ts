import { datesBetween, isWeekend } from '../../deterministic/days.ts';
import { Draw } from '../../deterministic/draw.ts';
import { arrivalOf, PROJECTS, type BilledProject } from './billing-account.ts';
import { ACCOUNT_CHARGE, type BillingRow, type Credit } from './billing-row.ts';
import { metersOf, type Meter } from './meters.ts';

const DAY_MS = 86_400_000;
/** Days after which what was wrong is corrected; nothing about a day is exported later. */
export const CORRECTION_DAYS = 33;
const LATE_DAYS = 3;
const TEAMS = ['platform', 'search', 'checkout'];

/**
 * All rows about the usage of a day, whenever they are exported: most of them within hours, some late, some corrected a
 * month later by a negation and a new row. The day's rows are the same for ever.
 */
export function billingRowsOf(seed: string, date: string): readonly BillingRow[] {
  return [
    ...PROJECTS.flatMap((project) =>
      metersOf(seed, project.currency).flatMap((meter) => usageRows(seed, date, project, meter)),
    ),
    ...accountRows(seed, date),
  ];
}

/** All rows about the days that have arrived by then. */
export function billingRowsBetween(seed: string, start: string, end: string, until: string): BillingRow[] {
  return datesBetween(start, end)
    .flatMap((date) => billingRowsOf(seed, date))
    .filter((row) => arrivalOf(row) <= until);
}

function usageRows(seed: string, date: string, project: BilledProject, meter: Meter): BillingRow[] {
  const draw = new Draw('billing', seed, date, project.id, meter.sku.id);
  if (draw.below(5) < 2) return [];
  const late = draw.oneIn(15);
  const corrected = draw.oneIn(25);
  const repeated = draw.oneIn(40);
  const team = draw.pick(TEAMS);
  const busy = Math.floor(meter.busy / (isWeekend(date) ? 4 : 1));
  const halves = [0, 12].map((hour) => {
    const quantity = BigInt(1 + draw.below(busy));
    return usageRow(date, hour, project, meter, { quantity, team, creditPercent: draw.below(30) });
  });
  const rows = halves.map((row, half) => ({
    ...row,
    exportTime: late && half === 1 ? at(date, LATE_DAYS, '09:00:00.250000') : row.exportTime,
  }));
  // Two rows may be equal: there is no row id, and both count.
  if (repeated) rows.push(rows[0]!);
  return corrected
    ? [...rows, ...correctionOf(rows[0]!, at(date, CORRECTION_DAYS, '11:30:00.000001'))]
    : rows;
}

function usageRow(
  date: string,
  hour: number,
  project: BilledProject,
  meter: Meter,
  { quantity, team, creditPercent }: { quantity: bigint; team: string; creditPercent: number },
): BillingRow {
  const listPrice = meter.sku.tiers.at(-1)!.nanos;
  const price = (listPrice * project.percentOfList) / 100n;
  const cost = micros(quantity, price);
  const [start, end] = hour === 0 ? ['00', '12'] : ['12', '24'];
  return {
    usageStart: `${date}T${start}:00:00Z`,
    usageEnd: end === '24' ? at(date, 1, '00:00:00') : `${date}T${end}:00:00Z`,
    exportTime: hour === 0 ? `${date}T18:00:00.123456Z` : at(date, 1, '06:00:00.654321'),
    costType: 'regular',
    service: { id: meter.sku.service.id, description: meter.sku.service.name },
    sku: { id: meter.sku.id, description: `${meter.sku.product.description} in ${meter.sku.region}` },
    account: project.account,
    currency: project.currency,
    project,
    cost,
    costAtList: micros(quantity, listPrice),
    credits: creditsOf(meter, cost, BigInt(creditPercent)),
    usage: { meter, quantity, listPrice, price, team },
  };
}

/** Millionths of the currency for hundredths of a unit at billionths of the currency, rounded down. */
function micros(quantity: bigint, price: bigint): bigint {
  return (quantity * price) / 100_000n;
}

function creditsOf({ sku }: Meter, cost: bigint, percent: bigint): Credit[] {
  const share = (part: bigint): bigint => -((cost * part) / 100n);
  if (cost === 0n) return [];
  if (sku.product.usageType === 'Commit1Yr') return [];
  switch (sku.service.name) {
    case 'Compute Engine':
      return [
        { type: 'SUSTAINED_USAGE_DISCOUNT', name: 'Sustained Usage Discount', micros: share(percent) },
        ...(percent > 20n
          ? [{ type: 'COMMITTED_USAGE_DISCOUNT', name: 'Committed Usage Discount: CPU', micros: share(25n) }]
          : []),
      ];
    case 'BigQuery':
      return percent > 15n
        ? [{ type: 'PROMOTION', name: 'Credit for new customers', micros: share(100n) }]
        : [];
    case 'Cloud Run':
      return [{ type: 'FREE_TIER', name: 'Free tier', micros: share(percent) }];
    default:
      return [];
  }
}

/** Takes a row back and puts one in its place that costs nine tenths. */
export function correctionOf(row: BillingRow, exportTime: string): BillingRow[] {
  const adjustment = {
    id: `adj-${row.sku.id.toLowerCase()}-${row.usageStart.slice(0, 10)}`,
    description: 'Price correction',
    mode: 'COMPLETE_NEGATION_WITH_REMONETIZATION',
    type: 'PRICE_CORRECTION',
  };
  return [scaled(row, -10n), scaled(row, 9n)].map((part) => ({ ...part, exportTime, adjustment }));
}

function scaled(row: BillingRow, tenths: bigint): BillingRow {
  const { usage } = row;
  const scale = (amount: bigint): bigint => (amount * tenths) / 10n;
  return {
    ...row,
    cost: scale(row.cost),
    costAtList: scale(row.costAtList),
    credits: row.credits.map((credit) => ({ ...credit, micros: scale(credit.micros) })),
    usage: usage && { ...usage, quantity: tenths < 0n ? -usage.quantity : usage.quantity },
  };
}

/**
 * On the last day of a month: tax per project, a rounding error, support, goodwill, what a partner sold, and rows that lack
 * what others have.
 */
function accountRows(seed: string, date: string): BillingRow[] {
  if (!at(date, 1, '00:00:00').startsWith('01', 8)) return [];
  const draw = new Draw('account', seed, date);
  const exportTime = at(date, 3, '08:00:00.000000');
  const row = (
    id: string,
    description: string,
    cost: bigint,
    change: Partial<BillingRow> = {},
  ): BillingRow => ({
    ...ACCOUNT_CHARGE,
    usageStart: `${date}T00:00:00Z`,
    usageEnd: at(date, 1, '00:00:00'),
    exportTime,
    costType: 'regular',
    service: { id: `${id}-0000-0000`, description },
    sku: { id: `${id}-0000-0001`, description },
    cost,
    costAtList: cost,
    credits: [],
    ...change,
  });
  return [
    ...PROJECTS.map((project) =>
      row('7A01', 'Invoice', BigInt(1 + draw.below(90_000_000)), {
        project,
        account: project.account,
        currency: project.currency,
        costType: 'tax',
        sku: { id: '7A01-0000-0001', description: 'Tax' },
      }),
    ),
    row('7A02', 'Invoice', -BigInt(1 + draw.below(9_999)), {
      costType: 'rounding_error',
      sku: { id: '7A02-0000-0001', description: 'Rounding error' },
    }),
    row('2062', 'Support', 500_000_000n),
    row('7A03', 'Invoice', -25_000_000n, {
      costType: 'adjustment',
      sku: { id: '7A03-0000-0001', description: 'Goodwill' },
      adjustment: {
        id: `goodwill-${date}`,
        description: 'Credit for an incident',
        mode: 'MANUAL_ADJUSTMENT',
        type: 'GOODWILL',
      },
    }),
    row('7A04', 'Invoice', 0n, { lacks: 'currency' }),
    row('7A05', 'Invoice', 0n, { lacks: 'usage_start_time' }),
    row('EL57', 'Elastic Cloud', 310_456_789n, { project: PROJECTS[0], seller: 'Elastic N.V.' }),
  ];
}

function at(date: string, days: number, time: string): string {
  return `${new Date(Date.parse(`${date}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10)}T${time}Z`;
}
