import { addDecimals, shiftDecimal, type DecimalText, type JsonValue } from '@pipelines/pipeline';

// The catalog is written in Protocol Buffers' JSON: a field may be absent where it is empty, zero or false.

/** The fields read of a `Service`. */
export interface GcpService {
  readonly id: string;
  readonly name: string;
}

/** The fields read of a `Sku`. */
export interface GcpSku {
  readonly id: string;
  readonly description: string | null;
  readonly resourceFamily: string | null;
  readonly resourceGroup: string | null;
  readonly usageType: string | null;
  readonly regions: readonly string[];
  readonly geoType: string | null;
  /** Empty where the SKU has no price. */
  readonly pricing: readonly GcpPricing[];
}

/** The fields read of a `PricingInfo` and its expression. */
interface GcpPricing {
  /** ISO 8601 in UTC, to the microsecond. */
  readonly effectiveTime: string;
  readonly usageUnit: string;
  readonly baseUnit: string | null;
  /** Null rather than the zero that its absence stands for: nothing is converted by it. */
  readonly baseUnitConversionFactor: DecimalText | null;
  readonly displayQuantity: DecimalText | null;
  readonly tiers: readonly GcpTier[];
  readonly aggregationLevel: string | null;
  readonly aggregationInterval: string | null;
  /** Null where usage is not summed. */
  readonly aggregationCount: bigint | null;
}

/** The fields read of a `TierRate`. */
interface GcpTier {
  readonly start: DecimalText;
  readonly currency: string;
  readonly unitPrice: DecimalText;
}

const UTC_INSTANT = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(?:\.(\d{1,9}))?Z$/;

/** @throws PipelineError `provider_response_invalid` */
export function readService(service: JsonValue): GcpService {
  return {
    id: service.get('serviceId').text(),
    name: service.get('displayName').orDefault('').text(),
  };
}

/**
 * @param currency The currency that prices were asked in.
 * @throws PipelineError `provider_response_invalid`
 */
export function readSku(sku: JsonValue, currency: string): GcpSku {
  const category = sku.get('category').orDefault({});
  const pricing = sku.get('pricingInfo').orDefault([]).items();
  return {
    id: sku.get('skuId').text(),
    description: sku.optionalText('description'),
    resourceFamily: category.optionalText('resourceFamily'),
    resourceGroup: category.optionalText('resourceGroup'),
    usageType: category.optionalText('usageType'),
    regions: sku
      .get('serviceRegions')
      .orDefault([])
      .items()
      .map((region) => region.text()),
    geoType: sku.get('geoTaxonomy').orDefault({}).optionalText('type'),
    pricing: pricing.flatMap((info) => readPricing(info, currency)),
  };
}

/** Nothing of a pricing without tiers: it has no price. */
function readPricing(info: JsonValue, currency: string): GcpPricing[] {
  const expression = info.get('pricingExpression').orDefault({});
  const tiers = expression.get('tieredRates').orDefault([]).items();
  if (tiers.length === 0) return [];
  const aggregation = info.get('aggregationInfo');
  return [
    {
      effectiveTime: readInstant(info.get('effectiveTime')),
      usageUnit: expression.get('usageUnit').text(),
      baseUnit: expression.optionalText('baseUnit'),
      baseUnitConversionFactor: expression
        .get('baseUnitConversionFactor')
        .optional((value) => value.decimal()),
      displayQuantity: expression.get('displayQuantity').optional((value) => value.decimal()),
      tiers: tiers.map((rate) => readTier(rate, currency)),
      aggregationLevel: aggregation.optional((value) => value.optionalText('aggregationLevel')),
      aggregationInterval: aggregation.optional((value) => value.optionalText('aggregationInterval')),
      aggregationCount: aggregation.optional((value) => value.get('aggregationCount').orDefault(0).integer()),
    },
  ];
}

/** A price that says no currency is in the one that was asked for. */
function readTier(rate: JsonValue, currency: string): GcpTier {
  const price = rate.get('unitPrice').orDefault({});
  const units = price.get('units').orDefault(0).integer();
  const nanos = price.get('nanos').orDefault(0).integer();
  return {
    start: rate.get('startUsageAmount').orDefault(0).decimal(),
    currency: price.get('currencyCode').orDefault(currency).text(),
    unitPrice: addDecimals(String(units), shiftDecimal(String(nanos), -9)),
  };
}

function readInstant(time: JsonValue): string {
  const [, seconds, fraction] = UTC_INSTANT.exec(time.text()) ?? [];
  if (seconds === undefined) throw time.invalid('an instant in UTC, such as 2026-11-01T00:00:00Z');
  // Google counts nanoseconds; warehouses keep microseconds.
  return fraction === undefined ? `${seconds}Z` : `${seconds}.${fraction.slice(0, 6)}Z`;
}
