import type { SqlDialect } from '../../sql/sql-dialect.ts';
import { known } from '../known.ts';

const COVERED = `charge_category = 'Usage' AND is_committed`;
const BOUGHT = `charge_category = 'Purchase'`;
/** Fees of commitments to resources; those of commitments to spend are named otherwise. */
const BUYS_RESOURCES = `sku_description LIKE 'Commitment v%'`;

/**
 * The relation with `is_committed`, and `commitment_id`, `_name`, `_category` and `_type` of what a commitment covers or
 * what buys one. A subscription is told in detailed exports alone, and of commitments to spend; next best is the first
 * credit of a commitment, then the consumption model that the price comes from, and of a fee its SKU.
 */
export function withGcpCommitments(sql: SqlDialect, told: string): string {
  const isOfCommitment = `credit.type LIKE 'COMMITTED_USAGE_DISCOUNT%' OR (${BOUGHT} AND credit.type = 'FEE_UTILIZATION_OFFSET')`;
  const first = `(SELECT MIN(credit_position) FROM ${sql.elements('credits', 'credit')} WHERE ${isOfCommitment})`;
  const credit = sql.element('credits', 'commitment_position');
  const fields = ['id', 'full_name', 'name', 'type'].map(
    (field) => `${known(sql, `(${credit}).${field}`)} AS commitment_credit_${field}`,
  );
  const model = `consumption_model_id IS NOT NULL AND COALESCE(consumption_model_description, '') NOT LIKE 'Default%'`;
  const credited = `(SELECT *, ${fields.join(', ')} FROM (SELECT *, ${first} AS commitment_position FROM ${told}) AS placed) AS credited`;
  const judged = `(SELECT *, COALESCE(commitment_credit_type, '') LIKE 'COMMITTED_USAGE_DISCOUNT%' OR (${model}) AS is_committed FROM ${credited}) AS judged`;
  return `(SELECT *,
    CASE WHEN ${COVERED} THEN ${idOfCovered(sql)} WHEN ${BOUGHT} THEN ${idOfBought(sql)} END AS commitment_id,
    COALESCE(commitment_credit_full_name, commitment_credit_name,
      CASE WHEN ${BOUGHT} THEN ${known(sql, 'sku_description')} ELSE ${known(sql, 'consumption_model_description')} END) AS commitment_name,
    ${CATEGORY} AS commitment_category,
    ${typeOf(sql)} AS commitment_type
    FROM ${judged}) AS committed`;
}

/**
 * The columns that follow from {@link withGcpCommitments}. How much of a commitment covered usage takes is not told, and
 * nothing of what is left unused.
 */
export function gcpCommitmentColumns(): Readonly<Record<string, string>> {
  const isCounted = `${BOUGHT} AND commitment_category = 'Usage' AND pricing_quantity IS NOT NULL`;
  const ofCommitment = (value: string): string => `CASE WHEN commitment_id IS NOT NULL THEN ${value} END`;
  return {
    CommitmentDiscountCategory: ofCommitment('commitment_category'),
    CommitmentDiscountId: 'commitment_id',
    CommitmentDiscountName: ofCommitment('commitment_name'),
    CommitmentDiscountQuantity: `CASE WHEN ${isCounted} THEN pricing_quantity END`,
    CommitmentDiscountStatus: `CASE WHEN ${COVERED} AND commitment_id IS NOT NULL THEN 'Used' END`,
    CommitmentDiscountType: ofCommitment('commitment_type'),
    CommitmentDiscountUnit: `CASE WHEN ${isCounted} THEN pricing_unit END`,
  };
}

const CREDIT_NAMES = 'commitment_credit_id, commitment_credit_full_name, commitment_credit_name';

function idOfCovered(sql: SqlDialect): string {
  return `COALESCE(${known(sql, 'subscription_instance_id')}, ${CREDIT_NAMES}, ${known(sql, 'consumption_model_id')})`;
}

function idOfBought(sql: SqlDialect): string {
  const resource = `CASE WHEN ${sql.matches('resource_global_name', '/commitments/[^/]+$')} THEN ${known(sql, 'resource_global_name')} END`;
  return `COALESCE(${known(sql, 'subscription_instance_id')}, ${resource}, ${CREDIT_NAMES}, ${known(sql, 'sku_id')})`;
}

const CATEGORY = `CASE WHEN commitment_credit_type = 'COMMITTED_USAGE_DISCOUNT' THEN 'Usage'
      WHEN commitment_credit_type IS NULL AND ${BOUGHT} AND ${BUYS_RESOURCES} THEN 'Usage' ELSE 'Spend' END`;

/** Google's word for it: the credit's type, or the one that the credits of such a commitment have. */
function typeOf(sql: SqlDialect): string {
  return `COALESCE(commitment_credit_type,
      CASE WHEN ${BOUGHT} AND ${BUYS_RESOURCES} THEN 'COMMITTED_USAGE_DISCOUNT'
      WHEN ${BOUGHT} THEN 'COMMITTED_USAGE_DISCOUNT_DOLLAR_BASE'
      ELSE COALESCE(${known(sql, 'consumption_model_description')}, ${known(sql, 'consumption_model_id')}) END)`;
}
