import { shiftDecimal, type DecimalText, type JsonValue } from '@pipelines/pipeline';

/** The fields read of a row of `cost_report`. */
export interface AnthropicCost {
  readonly workspaceId: string | null;
  readonly description: string | null;
  readonly costType: string | null;
  readonly tokenType: string | null;
  readonly model: string | null;
  readonly serviceTier: string | null;
  readonly contextWindow: string | null;
  readonly inferenceGeo: string | null;
  /** In the currency's main unit: dollars. */
  readonly amount: DecimalText;
  /** In its lowest one: cents. */
  readonly amountAsReceived: string;
  readonly currency: string;
}

const CURRENCY_SHAPE = /^[A-Za-z]{3}$/;

/**
 * Reads one cost. The amount counts the lowest unit of the currency, fractions included: "123.45" of USD are 1.2345
 * dollars. Money that is not stated is not zero: a row without amount or currency is refused. Types that are new are
 * taken as they come.
 *
 * @throws PipelineError `provider_response_invalid`
 */
export function readCost(result: JsonValue): AnthropicCost {
  const currency = result.get('currency');
  if (!CURRENCY_SHAPE.test(currency.text())) throw currency.invalid('a currency code of three letters');
  const code = currency.text().toUpperCase();
  const amount = result.get('amount');
  return {
    workspaceId: result.optionalText('workspace_id'),
    description: result.optionalText('description'),
    costType: result.optionalText('cost_type'),
    tokenType: result.optionalText('token_type'),
    model: result.optionalText('model'),
    serviceTier: result.optionalText('service_tier'),
    contextWindow: result.optionalText('context_window'),
    inferenceGeo: result.optionalText('inference_geo'),
    amount: shiftDecimal(amount.decimal(), -minorUnitDigits(code)),
    amountAsReceived: amount.decimalAsReceived(),
    currency: code,
  };
}

/** By currency, because a format takes longer to make than all the rest of a row. */
const MINOR_UNIT_DIGITS = new Map<string, number>();

/** Fraction digits of the currency by ISO 4217: 2 of USD, none of JPY. */
function minorUnitDigits(currency: string): number {
  const known = MINOR_UNIT_DIGITS.get(currency);
  if (known !== undefined) return known;
  const format = new Intl.NumberFormat('en', { style: 'currency', currency });
  const digits = format.resolvedOptions().maximumFractionDigits!;
  MINOR_UNIT_DIGITS.set(currency, digits);
  return digits;
}
