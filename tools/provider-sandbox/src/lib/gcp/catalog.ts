import { createHash } from 'node:crypto';
import { Draw } from '../deterministic/draw.ts';
import { rawNumber } from '../deterministic/raw-number.ts';
import { REGIONS, UNITS, type SandboxProduct, type SandboxService } from './catalog-products.ts';

/** Hundredths of each currency for a dollar. */
export const CURRENCIES: Readonly<Record<string, bigint>> = { USD: 100n, EUR: 92n, GBP: 79n, JPY: 14_950n };

const NANOS = 1_000_000_000n;
const EFFECTIVE_TIME = '2026-10-05T13:13:21.123456789Z';

/** A SKU: a product in one region. */
export interface CatalogSku {
  readonly id: string;
  readonly service: SandboxService;
  readonly product: SandboxProduct;
  readonly region: string;
  /** Tiers with their price in billionths of the currency. */
  readonly tiers: readonly { readonly start: string; readonly nanos: bigint }[];
}

/** Every SKU of the service. Regions differ in price by up to 30 %, except where it is free. */
export function skusOf(seed: string, service: SandboxService, currency: string): readonly CatalogSku[] {
  return service.products.flatMap((product) =>
    REGIONS.map((region) => {
      const surcharge = BigInt(
        100 + new Draw('region', seed, service.id, product.description, region).below(31),
      );
      return {
        id: skuId(service.id, product.description, region),
        service,
        product,
        region,
        tiers: product.tiers.map(([start, nanodollars]) => ({
          start,
          nanos: (BigInt(nanodollars) * surcharge * CURRENCIES[currency]!) / 10_000n,
        })),
      };
    }),
  );
}

/** The SKU as the API writes it. */
export function skuResource({ id, service, product, region, tiers }: CatalogSku, currency: string): object {
  const { baseUnit, factor } = UNITS[product.unit];
  return {
    name: `services/${service.id}/skus/${id}`,
    skuId: id,
    description: `${product.description} in ${region}`,
    category: {
      serviceDisplayName: service.name,
      resourceFamily: product.family,
      resourceGroup: product.group,
      usageType: product.usageType,
    },
    serviceRegions: [region],
    serviceProviderName: 'Google',
    geoTaxonomy: { type: 'REGIONAL', regions: [region] },
    pricingInfo: [
      {
        summary: '',
        effectiveTime: EFFECTIVE_TIME,
        currencyConversionRate: rawNumber(`${Number(CURRENCIES[currency]) / 100}`),
        pricingExpression: {
          usageUnit: product.unit,
          usageUnitDescription: product.unit,
          baseUnit,
          baseUnitDescription: baseUnit,
          baseUnitConversionFactor: rawNumber(factor),
          displayQuantity: 1,
          tieredRates: tiers.map((tier) => tierResource(tier, currency)),
        },
        ...(tiers.length > 1
          ? {
              aggregationInfo: {
                aggregationLevel: 'ACCOUNT',
                aggregationInterval: 'MONTHLY',
                aggregationCount: 1,
              },
            }
          : {}),
      },
    ],
  };
}

/** A free first tier without its zeros, as Protocol Buffers' JSON may leave them out. */
function tierResource({ start, nanos }: CatalogSku['tiers'][number], currency: string): object {
  if (start === '0' && nanos === 0n) return { unitPrice: { currencyCode: currency } };
  return {
    startUsageAmount: rawNumber(start),
    unitPrice: { currencyCode: currency, units: String(nanos / NANOS), nanos: Number(nanos % NANOS) },
  };
}

/** SKUs of the service that have no price, as the API writes them: without any pricing, and without a rate. */
export function unpricedSkuResources(service: SandboxService): readonly object[] {
  if (service.products.length === 0) return [];
  const sku = (description: string): object => {
    const id = skuId(service.id, description);
    return { name: `services/${service.id}/skus/${id}`, skuId: id, description };
  };
  return [
    sku('Not sold yet'),
    {
      ...sku('Without a rate'),
      pricingInfo: [{ effectiveTime: EFFECTIVE_TIME, pricingExpression: { usageUnit: 'h' } }],
    },
  ];
}

function skuId(...parts: readonly string[]): string {
  const hex = createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 12).toUpperCase();
  return `${hex.slice(0, 4)}-${hex.slice(4, 8)}-${hex.slice(8)}`;
}
