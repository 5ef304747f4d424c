import type { RowText } from '@pipelines/pipeline/testing';
import { GCP_BILLING_COSTS_SCHEMA } from '@pipelines/processors-gcp';
import { ACCOUNT_CHARGE, COMPUTE, GCP } from './gcp.golden.ts';
import { aSource, aUnifiedGolden } from './unified-golden.ts';

const SUSTAINED = {
  name: 'Sustained usage',
  amount: '-0.5',
  full_name: null,
  id: 'sustained',
  type: 'SUSTAINED_USAGE_DISCOUNT',
};
const SUSTAINED_JSON =
  '{"amount":"-0.5","full_name":null,"id":"sustained","name":"Sustained usage","type":"SUSTAINED_USAGE_DISCOUNT"}';
const OF_CPU = {
  name: 'Committed usage',
  amount: '-1.5',
  full_name: 'Committed Usage Discount: CPU',
  id: 'cud-cpu',
  type: 'COMMITTED_USAGE_DISCOUNT',
};
const OF_CPU_JSON =
  '{"amount":"-1.5","full_name":"Committed Usage Discount: CPU","id":"cud-cpu","name":"Committed usage","type":"COMMITTED_USAGE_DISCOUNT"}';

function aCharge(sku_id: string, cost: string, net_cost: string, change: object): Record<string, unknown> {
  return { ...ACCOUNT_CHARGE, sku_id, sku_description: `${sku_id} of N2`, cost, net_cost, ...change };
}

function charged(sku: string, cost: string, net: string, told: RowText): RowText {
  return {
    ...GCP,
    ...COMPUTE,
    BilledCost: net,
    EffectiveCost: net,
    ContractedCost: cost,
    ListCost: cost,
    ChargeCategory: 'Usage',
    ChargeDescription: `${sku} of N2`,
    ChargeFrequency: 'Usage-Based',
    PricingCategory: 'Committed',
    PricingCurrency: 'EUR',
    PricingCurrencyEffectiveCost: net,
    SkuId: sku,
    SkuMeter: `${sku} of N2`,
    SkuPriceId: `${sku}/default/0`,
    x_CostBeforeCredits: cost,
    ...told,
  };
}

/** What commitments cover and what buys them, as the export tells it more and less completely. */
export const GCP_COMMITMENTS = aUnifiedGolden(
  {
    window: { start: '2026-11-30', end: '2026-12-01' },
    controlled: 1,
    sources: [
      aSource('gcp_billing_costs', GCP_BILLING_COSTS_SCHEMA, [
        // With its subscription, and another credit before that of the commitment.
        aCharge('CPU1', '5', '3', {
          subscription_instance_id: '769c55ea-c50f-4258-bcf5-04b6688fa5fa',
          credits: [SUSTAINED, OF_CPU],
        }),
        // Of two commitments the first counts; white space is no name.
        aCharge('CPU2', '5', '2', {
          subscription_instance_id: ' ',
          credits: [
            {
              name: 'Committed spend',
              amount: '-1.5',
              full_name: '\t',
              id: 'GCE Commitments',
              type: 'COMMITTED_USAGE_DISCOUNT_DOLLAR_BASE',
            },
            OF_CPU,
          ],
        }),
        // The credit has no id.
        aCharge('CPU3', '5', '3.5', { credits: [{ ...OF_CPU, id: '' }] }),
        // A correction of covered usage.
        aCharge('CPU4', '-5', '-6.5', {
          adjustment_id: 'adj-1',
          adjustment_description: 'Price correction',
          adjustment_mode: 'PARTIAL_CORRECTION',
          adjustment_type: 'PRICE_CORRECTION',
          credits: [OF_CPU],
        }),
        // The fee of a commitment to two cores, for a day.
        aCharge('FEE1', '1.2', '1.2', {
          sku_description: 'Commitment v1: N2 Cpu in Americas for 1 Year',
          resource_global_name: '//compute.googleapis.com/projects/1/regions/us-central1/commitments/77',
          resource_name: 'cores',
          usage_amount: '172800',
          usage_unit: 'seconds',
          usage_amount_in_pricing_units: '48',
          usage_pricing_unit: 'hour',
        }),
        // The fee of a commitment to spend, of which a credit gives back what was used.
        aCharge('FEE2', '10', '8.5', {
          sku_description: 'Commitment - dollar based v1: GCE for 3 years',
          subscription_instance_id: 'f2d1c8b0-0000-4000-8000-000000000002',
          resource_global_name: '//compute.googleapis.com/projects/1/instances/7',
          usage_amount: '1000',
          usage_unit: 'count',
          usage_amount_in_pricing_units: '1000',
          usage_pricing_unit: 'count',
          credits: [
            {
              name: 'Fee utilization offset',
              amount: '-1.5',
              full_name: 'GCE Commitments: offset',
              id: 'offset',
              type: 'FEE_UTILIZATION_OFFSET',
            },
          ],
        }),
        // The same without its credit and subscription.
        aCharge('FEE3', '10', '10', { sku_description: 'Commitment - dollar based v1: GCE for 3 years' }),
        // A tax belongs to no commitment, whatever its credits.
        aCharge('TAX1', '2', '0.5', { cost_type: 'tax', credits: [OF_CPU] }),
      ]),
    ],
  },
  [
    charged('CPU1', '5', '3', {
      CommitmentDiscountCategory: 'Usage',
      CommitmentDiscountId: '769c55ea-c50f-4258-bcf5-04b6688fa5fa',
      CommitmentDiscountName: 'Committed Usage Discount: CPU',
      CommitmentDiscountStatus: 'Used',
      CommitmentDiscountType: 'COMMITTED_USAGE_DISCOUNT',
      x_Credits: `[${SUSTAINED_JSON},${OF_CPU_JSON}]`,
    }),
    charged('CPU2', '5', '2', {
      CommitmentDiscountCategory: 'Spend',
      CommitmentDiscountId: 'GCE Commitments',
      CommitmentDiscountName: 'Committed spend',
      CommitmentDiscountStatus: 'Used',
      CommitmentDiscountType: 'COMMITTED_USAGE_DISCOUNT_DOLLAR_BASE',
      x_Credits: `[{"amount":"-1.5","full_name":"\\t","id":"GCE Commitments","name":"Committed spend","type":"COMMITTED_USAGE_DISCOUNT_DOLLAR_BASE"},${OF_CPU_JSON}]`,
    }),
    charged('CPU3', '5', '3.5', {
      CommitmentDiscountCategory: 'Usage',
      CommitmentDiscountId: 'Committed Usage Discount: CPU',
      CommitmentDiscountName: 'Committed Usage Discount: CPU',
      CommitmentDiscountStatus: 'Used',
      CommitmentDiscountType: 'COMMITTED_USAGE_DISCOUNT',
      x_Credits: `[${OF_CPU_JSON.replace('"cud-cpu"', '""')}]`,
    }),
    charged('CPU4', '-5', '-6.5', {
      ChargeClass: 'Correction',
      ChargeDescription: 'Price correction',
      CommitmentDiscountCategory: 'Usage',
      CommitmentDiscountId: 'cud-cpu',
      CommitmentDiscountName: 'Committed Usage Discount: CPU',
      CommitmentDiscountStatus: 'Used',
      CommitmentDiscountType: 'COMMITTED_USAGE_DISCOUNT',
      x_AdjustmentInfo:
        '{"description":"Price correction","id":"adj-1","mode":"PARTIAL_CORRECTION","type":"PRICE_CORRECTION"}',
      x_Credits: `[${OF_CPU_JSON}]`,
    }),
    charged('FEE1', '1.2', '1.2', {
      ChargeCategory: 'Purchase',
      ChargeDescription: 'Commitment v1: N2 Cpu in Americas for 1 Year',
      ChargeFrequency: 'Recurring',
      CommitmentDiscountCategory: 'Usage',
      CommitmentDiscountId: '//compute.googleapis.com/projects/1/regions/us-central1/commitments/77',
      CommitmentDiscountName: 'Commitment v1: N2 Cpu in Americas for 1 Year',
      CommitmentDiscountQuantity: '48',
      CommitmentDiscountType: 'COMMITTED_USAGE_DISCOUNT',
      CommitmentDiscountUnit: 'Hours',
      PricingCategory: 'Standard',
      PricingQuantity: '48',
      PricingUnit: 'Hours',
      ResourceId: '//compute.googleapis.com/projects/1/regions/us-central1/commitments/77',
      ResourceName: 'Commitment v1: N2 Cpu in Americas for 1 Year',
      ResourceType: 'commitments',
      SkuMeter: 'Commitment v1: N2 Cpu in Americas for 1 Year',
      x_NativeQuantity: '172800',
      x_QuantityUnit: 'seconds',
    }),
    charged('FEE2', '10', '8.5', {
      ChargeCategory: 'Purchase',
      ChargeDescription: 'Commitment - dollar based v1: GCE for 3 years',
      ChargeFrequency: 'Recurring',
      CommitmentDiscountCategory: 'Spend',
      CommitmentDiscountId: 'f2d1c8b0-0000-4000-8000-000000000002',
      CommitmentDiscountName: 'GCE Commitments: offset',
      CommitmentDiscountType: 'FEE_UTILIZATION_OFFSET',
      PricingCategory: 'Standard',
      PricingQuantity: '1000',
      PricingUnit: 'Count',
      ResourceId: 'f2d1c8b0-0000-4000-8000-000000000002',
      ResourceName: 'GCE Commitments: offset',
      ResourceType: 'commitments',
      SkuMeter: 'Commitment - dollar based v1: GCE for 3 years',
      x_Credits:
        '[{"amount":"-1.5","full_name":"GCE Commitments: offset","id":"offset","name":"Fee utilization offset","type":"FEE_UTILIZATION_OFFSET"}]',
      x_NativeQuantity: '1000',
      x_QuantityUnit: 'count',
    }),
    charged('FEE3', '10', '10', {
      ChargeCategory: 'Purchase',
      ChargeDescription: 'Commitment - dollar based v1: GCE for 3 years',
      ChargeFrequency: 'Recurring',
      CommitmentDiscountCategory: 'Spend',
      CommitmentDiscountId: 'FEE3',
      CommitmentDiscountName: 'Commitment - dollar based v1: GCE for 3 years',
      CommitmentDiscountType: 'COMMITTED_USAGE_DISCOUNT_DOLLAR_BASE',
      PricingCategory: 'Standard',
      ResourceId: 'FEE3',
      ResourceName: 'Commitment - dollar based v1: GCE for 3 years',
      ResourceType: 'commitments',
      SkuMeter: 'Commitment - dollar based v1: GCE for 3 years',
    }),
    charged('TAX1', '0.5', '0.5', {
      ChargeCategory: 'Tax',
      ChargeFrequency: 'One-Time',
      PricingCategory: null,
      SkuId: null,
      SkuMeter: null,
      SkuPriceId: null,
      x_CostBeforeCredits: '2',
      x_CostType: 'tax',
      x_Credits: `[${OF_CPU_JSON}]`,
    }),
  ],
);
