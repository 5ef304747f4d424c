import type { FastifyInstance } from 'fastify';
import { toDecimalText } from '../deterministic/fixed-point.ts';
import { CURRENCIES, skusOf, unpricedSkuResources } from './catalog.ts';
import { SERVICES } from './catalog-products.ts';

const QUERY_SCHEMA = {
  type: 'object',
  additionalProperties: false,
  properties: { currency_code: { enum: Object.keys(CURRENCIES), default: 'USD' } },
};

/** What the pages of the catalog must add up to: one row per tier of the SKUs that have a price, and the exact sum of the unit prices. */
export function addGcpTruth(app: FastifyInstance, seed: string): void {
  const schema = { querystring: QUERY_SCHEMA };

  app.get<{ Querystring: { currency_code: string } }>(
    '/_sandbox/truth/gcp/catalog',
    { schema },
    async ({ query }) => {
      const skus = SERVICES.flatMap((service) => skusOf(seed, service, query.currency_code));
      const tiers = skus.flatMap((sku) => sku.tiers);
      return {
        currency: query.currency_code,
        services: SERVICES.length,
        skus: skus.length,
        unpriced_skus: SERVICES.flatMap(unpricedSkuResources).length,
        rows: tiers.length,
        unit_price: toDecimalText(
          tiers.reduce((sum, { nanos }) => sum + nanos, 0n),
          9,
        ),
      };
    },
  );
}
