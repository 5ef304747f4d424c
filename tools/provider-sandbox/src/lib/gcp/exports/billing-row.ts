import { rawNumber } from '../../deterministic/raw-number.ts';
import { toDecimalText } from '../../deterministic/fixed-point.ts';
import type { BilledProject } from './billing-account.ts';
import { BILLING_ACCOUNT } from './billing-account.ts';
import type { Meter } from './meters.ts';
import { invoiceMonth } from './pacific-month.ts';

/** A credit with its amount in millionths of the currency, negative. */
export interface Credit {
  readonly type: string;
  readonly name: string;
  readonly micros: bigint;
}

/** A row of a billing export. Money is in millionths of the currency. */
export interface BillingRow {
  readonly usageStart: string;
  readonly usageEnd: string;
  readonly exportTime: string;
  readonly costType: 'regular' | 'tax' | 'adjustment' | 'rounding_error';
  readonly service: { readonly id: string; readonly description: string };
  readonly sku: { readonly id: string; readonly description: string };
  readonly account: string;
  readonly currency: string;
  readonly cost: bigint;
  readonly costAtList: bigint;
  readonly credits: readonly Credit[];
  /** Absent for charges of the account. */
  readonly project?: BilledProject;
  readonly usage?: RowUsage;
  readonly adjustment?: {
    readonly id: string;
    readonly description: string;
    readonly mode: string;
    readonly type: string;
  };
  /** What the export leaves out of the row, which holds no money then. */
  readonly lacks?: 'currency' | 'usage_start_time';
  /** Who sold it, when not Google. */
  readonly seller?: string;
}

/** What a row of usage is computed from. */
interface RowUsage {
  readonly meter: Meter;
  /** Hundredths of the pricing unit. */
  readonly quantity: bigint;
  /** Billionths of the currency. */
  readonly listPrice: bigint;
  readonly price: bigint;
  readonly team: string;
}

/** Units of EUR for one USD. */
const EUR_RATE = '0.92';

/** The row as the detailed export has it; amounts with exactly their digits. */
export function exportedRow(row: BillingRow): Record<string, unknown> {
  const { service, sku, project, adjustment, usage, credits, lacks } = row;
  return {
    billing_account_id: row.account,
    invoice: {
      month: invoiceMonth(row.usageStart, row.exportTime),
      publisher_type: row.seller === undefined ? 'GOOGLE' : 'PARTNER',
    },
    cost_type: row.costType,
    service,
    sku,
    usage_start_time: lacks === 'usage_start_time' ? null : row.usageStart,
    usage_end_time: row.usageEnd,
    project: project ? projectRecord(project) : null,
    labels: usage ? labelsOf(usage, project!) : [],
    system_labels: usage ? systemLabels(usage) : [],
    tags: project && usage ? tagsOf(project) : [],
    location: usage ? locationOf(usage) : null,
    cost: money(row.cost),
    currency: lacks === 'currency' ? null : row.currency,
    currency_conversion_rate: rawNumber(row.currency === 'EUR' ? EUR_RATE : '1'),
    usage: usage ? usageRecord(usage) : null,
    credits: credits.map(({ type, name, micros }) => ({
      name,
      amount: money(micros),
      full_name: name,
      id: type.toLowerCase(),
      type,
    })),
    adjustment_info: adjustment ?? null,
    export_time: row.exportTime,
    cost_at_list: money(row.costAtList),
    transaction_type: row.seller === undefined ? 'GOOGLE' : 'THIRD_PARTY_RESELLER',
    seller_name: row.seller ?? 'Google',
    price: usage ? priceRecord(usage) : null,
    cost_at_effective_price_default: toDecimalText(row.cost, 6),
    cost_at_list_consumption_model: null,
    consumption_model: usage ? { id: '7754-699E-0EBF', description: 'Default' } : null,
    resource: usage && project ? resourceOf(usage, project) : null,
    subscription: null,
  };
}

function money(micros: bigint): object {
  return rawNumber(toDecimalText(micros, 6));
}

function label(key: string, value: string): object {
  return { key, value };
}

function projectRecord({ id, number, name, environment }: BilledProject): object {
  return {
    id,
    number,
    name,
    ancestry_numbers: '/700000000001/900000000001/',
    ancestors: [
      { resource_name: `projects/${number}`, display_name: name },
      { resource_name: 'folders/700000000001', display_name: environment },
      { resource_name: 'organizations/900000000001', display_name: 'acme.example' },
    ],
    labels: [label('cost_center', number.slice(-3))],
  };
}

function tagsOf({ environment }: BilledProject): object[] {
  return [
    { key: 'environment', value: environment, inherited: true, namespace: 'acme.example' },
    { key: 'audited', value: 'yes', inherited: false, namespace: '900000000001' },
  ];
}

/** A label without a value is exported with an empty one. */
function labelsOf({ meter, team }: RowUsage, { environment }: BilledProject): object[] {
  const labels = [label('team', team), label('env', environment)];
  return meter.sku.product.family === 'Compute' ? [...labels, label('autoscaled', '')] : labels;
}

function systemLabels({ meter }: RowUsage): object[] {
  if (meter.sku.product.family !== 'Compute') return [];
  return [
    label('compute.googleapis.com/machine_spec', 'n2-standard-8'),
    label('compute.googleapis.com/cores', '8'),
  ];
}

function locationOf({ meter: { sku } }: RowUsage): object {
  const zone = sku.product.family === 'Compute' ? `${sku.region}-b` : null;
  return {
    location: zone ?? sku.region,
    country: sku.region.startsWith('us') ? 'US' : 'BE',
    region: sku.region,
    zone,
  };
}

function usageRecord({ meter, quantity }: RowUsage): object {
  const inPricingUnits = Number(quantity) / 100;
  return {
    amount: inPricingUnits * meter.factor,
    unit: meter.baseUnit,
    amount_in_pricing_units: inPricingUnits,
    pricing_unit: meter.unit,
  };
}

function priceRecord({ meter, listPrice, price }: RowUsage): object {
  return {
    list_price: toDecimalText(listPrice, 9),
    effective_price_default: toDecimalText(price, 9),
    list_price_consumption_model: null,
    effective_price: toDecimalText(price, 9),
    tier_start_amount: meter.sku.tiers.at(-1)!.start,
    unit: meter.unit,
    pricing_unit_quantity: '1',
  };
}

function resourceOf({ meter, team }: RowUsage, project: BilledProject): object {
  const name = `projects/${project.number}/instances/${team}-${meter.sku.id.slice(0, 4).toLowerCase()}`;
  return { name, global_name: `//compute.googleapis.com/${name}` };
}

/** Charges of the account carry its own id. */
export const ACCOUNT_CHARGE = { account: BILLING_ACCOUNT, currency: 'USD' } as const;
