import type { DecimalText, JsonValue } from '@pipelines/pipeline';

/** The fields read of an `organization.costs.result`. */
export interface OpenAiCost {
  readonly organizationId: string | null;
  readonly projectId: string | null;
  readonly apiKeyId: string | null;
  readonly lineItem: string | null;
  readonly amount: DecimalText;
  readonly amountAsReceived: string;
  readonly currency: string;
  readonly quantity: DecimalText | null;
  readonly quantityUnit: string | null;
}

const CURRENCY_SHAPE = /^[A-Za-z]{3}$/;

/**
 * Reads one cost. The amount is documented as a number and arrives as a decimal string too. It is optional by schema,
 * and money that is not stated is not zero: a result without amount or currency is refused.
 *
 * @throws PipelineError `provider_response_invalid`
 */
export function readCost(result: JsonValue): OpenAiCost {
  const amount = result.get('amount');
  const currency = amount.get('currency');
  if (!CURRENCY_SHAPE.test(currency.text())) throw currency.invalid('a currency code of three letters');
  return {
    organizationId: result.get('organization_id').optional((value) => value.text()),
    projectId: result.get('project_id').optional((value) => value.text()),
    apiKeyId: result.get('api_key_id').optional((value) => value.text()),
    lineItem: result.get('line_item').optional((value) => value.text()),
    amount: amount.get('value').decimal(),
    amountAsReceived: amount.get('value').decimalAsReceived(),
    currency: currency.text().toUpperCase(),
    quantity: result.get('quantity').optional((value) => value.decimal()),
    quantityUnit: result.get('quantity_unit').optional((value) => value.text()),
  };
}
