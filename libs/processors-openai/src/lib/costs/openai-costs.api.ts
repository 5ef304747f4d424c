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
  const value = amount.get('value');
  if (!CURRENCY_SHAPE.test(currency.text())) throw currency.invalid('a currency code of three letters');
  return {
    organizationId: result.optionalText('organization_id'),
    projectId: result.optionalText('project_id'),
    apiKeyId: result.optionalText('api_key_id'),
    lineItem: result.optionalText('line_item'),
    amount: value.decimal(),
    amountAsReceived: value.decimalAsReceived(),
    currency: currency.text().toUpperCase(),
    quantity: result.get('quantity').optional((number) => number.decimal()),
    quantityUnit: result.optionalText('quantity_unit'),
  };
}
