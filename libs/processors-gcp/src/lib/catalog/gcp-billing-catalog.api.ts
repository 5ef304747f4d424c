import { addDecimals, shiftDecimal, type DecimalText, type JsonValue } from '@pipelines/pipeline';

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
  readonly pricing: readonly GcpPricing[];
}

/** The fields read of a `PricingInfo` and its expression. */
interface GcpPricing {
  /** ISO 8601 in UTC, to the microsecond. */
  readonly effectiveTime: string;
  readonly usageUnit: string;
  readonly baseUnit: string | null;
  readonly baseUnitConversionFactor: DecimalText | null;
  readonly displayQuantity: DecimalText | null;
  readonly tiers: readonly GcpTier[];
  readonly aggregationLevel: string | null;
  readonly aggregationInterval: string | null;
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
  return { id: service.get('serviceId').text(), name: service.get('displayName').text() };
}

/** @throws PipelineError `provider_response_invalid` */
export function readSku(sku: JsonValue): GcpSku {
  const category = sku.get('category');
  return {
    id: sku.get('skuId').text(),
    description: sku.optionalText('description'),
    resourceFamily: category.optional((value) => value.optionalText('resourceFamily')),
    resourceGroup: category.optional((value) => value.optionalText('resourceGroup')),
    usageType: category.optional((value) => value.optionalText('usageType')),
    regions: (sku.get('serviceRegions').optional((value) => value.items()) ?? []).map((region) =>
      region.text(),
    ),
    geoType: sku.get('geoTaxonomy').optional((value) => value.optionalText('type')),
    pricing: sku.get('pricingInfo').items().map(readPricing),
  };
}

function readPricing(info: JsonValue): GcpPricing {
  const expression = info.get('pricingExpression');
  const aggregation = info.get('aggregationInfo');
  return {
    effectiveTime: readInstant(info.get('effectiveTime')),
    usageUnit: expression.get('usageUnit').text(),
    baseUnit: expression.optionalText('baseUnit'),
    baseUnitConversionFactor: expression.get('baseUnitConversionFactor').optional((value) => value.decimal()),
    displayQuantity: expression.get('displayQuantity').optional((value) => value.decimal()),
    tiers: expression.get('tieredRates').items().map(readTier),
    aggregationLevel: aggregation.optional((value) => value.optionalText('aggregationLevel')),
    aggregationInterval: aggregation.optional((value) => value.optionalText('aggregationInterval')),
    aggregationCount: aggregation.optional((value) =>
      value.get('aggregationCount').optional((count) => count.integer()),
    ),
  };
}

/** Protocol Buffers' JSON leaves out a number that is zero, so that here, unlike elsewhere, absent means 0. */
function readTier(rate: JsonValue): GcpTier {
  const price = rate.get('unitPrice');
  const units = price.get('units').optional((value) => value.integer()) ?? 0n;
  const nanos = price.get('nanos').optional((value) => value.integer()) ?? 0n;
  return {
    start: rate.get('startUsageAmount').optional((value) => value.decimal()) ?? '0',
    currency: price.get('currencyCode').text(),
    unitPrice: addDecimals(String(units), shiftDecimal(String(nanos), -9)),
  };
}

function readInstant(time: JsonValue): string {
  const [, seconds, fraction] = UTC_INSTANT.exec(time.text()) ?? [];
  if (seconds === undefined) throw time.invalid('an instant in UTC, such as 2026-11-01T00:00:00Z');
  // Google counts nanoseconds; warehouses keep microseconds.
  return fraction === undefined ? `${seconds}Z` : `${seconds}.${fraction.slice(0, 6)}Z`;
}
