import type { RowText } from '@pipelines/pipeline/testing';
import { GCP_BILLING_COSTS_SCHEMA } from '@pipelines/processors-gcp';
import { ACCOUNT_CHARGE, COMPUTE, GCP } from './gcp.golden.ts';
import { aSource, aUnifiedGolden } from './unified-golden.ts';

/** An instant, and the month of Los Angeles that it lies in, as UTC. */
const BOUNDARIES: readonly (readonly [usage: string, start: string, end: string])[] = [
  // Clocks are seven hours behind until the first of November at nine, UTC, and eight from then on.
  ['2026-10-01T06:59:59', '2026-09-01T07', '2026-10-01T07'],
  ['2026-10-01T07:00:00', '2026-10-01T07', '2026-11-01T07'],
  ['2026-11-01T03:00:00', '2026-10-01T07', '2026-11-01T07'],
  ['2026-11-01T06:59:59', '2026-10-01T07', '2026-11-01T07'],
  ['2026-11-01T07:00:00', '2026-11-01T07', '2026-12-01T08'],
  ['2026-12-01T07:59:59', '2026-11-01T07', '2026-12-01T08'],
  ['2026-12-01T08:00:00', '2026-12-01T08', '2027-01-01T08'],
  ['2027-01-01T07:59:59', '2026-12-01T08', '2027-01-01T08'],
  ['2027-01-01T08:00:00', '2027-01-01T08', '2027-02-01T08'],
  ['2027-03-01T07:59:59', '2027-02-01T08', '2027-03-01T08'],
  ['2027-03-01T08:00:00', '2027-03-01T08', '2027-04-01T07'],
  ['2027-04-01T06:59:59', '2027-03-01T08', '2027-04-01T07'],
  ['2027-04-01T07:00:00', '2027-04-01T07', '2027-05-01T07'],
];

function aCharge([usage, start, end]: (typeof BOUNDARIES)[number]): RowText {
  const hourLater = new Date(Date.parse(`${usage}Z`) + 3_600_000).toISOString().slice(0, 19);
  return {
    ...GCP,
    ...COMPUTE,
    BilledCost: '1',
    EffectiveCost: '1',
    ContractedCost: '1',
    ListCost: '1',
    PricingCurrency: 'EUR',
    PricingCurrencyEffectiveCost: '1',
    PricingCategory: 'Standard',
    ChargeCategory: 'Usage',
    ChargeDescription: 'N1 Predefined Instance Core running in Americas',
    ChargeFrequency: 'Usage-Based',
    SkuId: '2E27-4F75-95CD',
    SkuMeter: 'N1 Predefined Instance Core running in Americas',
    SkuPriceId: '2E27-4F75-95CD/default/0',
    ChargePeriodStart: `${usage}.000000Z`,
    ChargePeriodEnd: `${hourLater}.000000Z`,
    BillingPeriodStart: `${start}:00:00.000000Z`,
    BillingPeriodEnd: `${end}:00:00.000000Z`,
    x_ChargeDate: usage.slice(0, 10),
    x_CostBeforeCredits: '1',
    x_InvoiceMonth: null,
  };
}

/** What no month is, though an export says it; one row each. */
const NO_MONTHS = ['', 'n/a', '2026-10', '202613', '202600'];

/** Charges that tell no invoice month, around the ends of months in Los Angeles. */
export const GCP_MONTHS = aUnifiedGolden(
  {
    window: { start: '2026-11-30', end: '2026-12-01' },
    controlled: 6,
    sources: [
      aSource(
        'gcp_billing_costs',
        GCP_BILLING_COSTS_SCHEMA,
        [
          ...BOUNDARIES.map((boundary) => [boundary, null] as const),
          ...NO_MONTHS.map((month) => [BOUNDARIES[0]!, month] as const),
        ].map(([[usage], invoice_month]) => ({
          ...ACCOUNT_CHARGE,
          usage_date: usage.slice(0, 10),
          usage_start_time: `${usage}Z`,
          usage_end_time: null,
          invoice_month,
          cost: '1',
          net_cost: '1',
        })),
      ),
    ],
  },
  [
    ...BOUNDARIES.map(aCharge),
    ...NO_MONTHS.map((x_InvoiceMonth) => ({ ...aCharge(BOUNDARIES[0]!), x_InvoiceMonth })),
  ],
);
