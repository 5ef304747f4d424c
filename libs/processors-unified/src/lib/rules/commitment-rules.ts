import { FOCUS_VERSIONS } from '../focus/focus-columns.ts';
import type { RowRule } from './focus-rule.ts';

const SOLD = `ChargeCategory IN ('Usage', 'Purchase')`;

/** What is told of the commitment that a charge buys or takes from. */
export const COMMITMENT_RULES: readonly RowRule[] = [
  {
    id: 'told-when-committed:CommitmentDiscountId',
    says: 'CommitmentDiscountId is not null where PricingCategory is Committed.',
    versions: FOCUS_VERSIONS,
    deviation: 'Neither a subscription nor a credit nor a consumption model names the commitment.',
    isBroken: () => `PricingCategory = 'Committed' AND CommitmentDiscountId IS NULL`,
  },
  {
    id: 'told-with-commitment:CommitmentDiscountQuantity',
    says: 'CommitmentDiscountQuantity is not null for usage and purchases that name a commitment and correct nothing.',
    versions: FOCUS_VERSIONS,
    deviation:
      'The provider does not tell how much of a commitment was taken, nor how much spend a fee buys.',
    isBroken: () =>
      `${SOLD} AND ChargeClass IS NULL AND CommitmentDiscountId IS NOT NULL AND CommitmentDiscountQuantity IS NULL`,
  },
  {
    id: 'null-unless-sold:CommitmentDiscountQuantity',
    says: 'CommitmentDiscountQuantity is null unless something was used or bought.',
    versions: FOCUS_VERSIONS,
    isBroken: () => `CommitmentDiscountQuantity IS NOT NULL AND NOT (${SOLD})`,
  },
  {
    id: 'resource-of-commitment:ResourceId',
    says: 'ResourceId is the CommitmentDiscountId where a commitment is bought or left unused.',
    versions: FOCUS_VERSIONS,
    isBroken: () =>
      `CommitmentDiscountId IS NOT NULL AND (ChargeCategory = 'Purchase' OR CommitmentDiscountStatus = 'Unused')
       AND COALESCE(ResourceId, '') <> CommitmentDiscountId`,
  },
];
