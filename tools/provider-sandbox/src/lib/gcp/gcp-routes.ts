import type { FastifyInstance, FastifyRequest } from 'fastify';
import { isValidToken } from './access-token.ts';
import { CURRENCIES, skuResource, skusOf, unpricedSkuResources } from './catalog.ts';
import { catalogPage } from './catalog-page.ts';
import { SERVICES } from './catalog-products.ts';
import { addGcpBillingTruth } from './exports/gcp-billing-truth.ts';
import { addGcpTruth } from './gcp-truth.ts';
import { GoogleRefusal } from './google-refusal.ts';
import { requirePricingSpan } from './pricing-span.ts';
import { addTokenRoute } from './token-route.ts';

const SERVICES_ON_A_PAGE = 5;
const SKUS_ON_A_PAGE = 16;
const SKU_FILTERS = ['currencyCode', 'startTime', 'endTime'];

/** The Cloud Billing Catalog under `/gcp/v1`, the token endpoint, and the truth under `/_sandbox/truth/gcp`. */
export function addGcpRoutes(app: FastifyInstance, seed: string): void {
  addGcpTruth(app, seed);
  addGcpBillingTruth(app, seed);
  addTokenRoute(app, seed);
  app.register(
    async (api) => {
      api.setErrorHandler(async (error, _request, reply) => {
        if (!(error instanceof GoogleRefusal)) throw error;
        return reply.status(error.httpStatus).send(error.body);
      });
      api.addHook('preHandler', async (request) => requireToken(request, seed));
      addCatalog(api, seed);
    },
    { prefix: '/gcp/v1' },
  );
}

function addCatalog(api: FastifyInstance, seed: string): void {
  api.get('/services', async (request) => {
    const services = SERVICES.map(({ id, name }) => ({
      name: `services/${id}`,
      serviceId: id,
      displayName: name,
      businessEntityName: 'businessEntities/GCP',
    }));
    return catalogPage(urlOf(request), 'services', services, SERVICES_ON_A_PAGE, {
      fault: request.fault?.kind,
    });
  });

  api.get<{ Params: { id: string } }>('/services/:id/skus', async (request) => {
    const url = urlOf(request);
    requirePricingSpan(url.searchParams);
    const currency = url.searchParams.get('currencyCode') ?? 'USD';
    if (!Object.hasOwn(CURRENCIES, currency)) {
      throw new GoogleRefusal(400, 'INVALID_ARGUMENT', `Currency code ${currency} is not supported.`);
    }
    const service = SERVICES.find(({ id }) => id === request.params.id);
    if (!service) throw new GoogleRefusal(404, 'NOT_FOUND', `Service ${request.params.id} not found.`);
    const skus = [
      ...unpricedSkuResources(service),
      ...skusOf(seed, service, currency).map((sku) => skuResource(sku, currency)),
    ];
    return catalogPage(url, 'skus', skus, SKUS_ON_A_PAGE, {
      filters: SKU_FILTERS,
      fault: request.fault?.kind,
    });
  });
}

function urlOf(request: FastifyRequest): URL {
  return new URL(request.url, 'http://sandbox');
}

function requireToken(request: FastifyRequest, seed: string): void {
  const token = /^Bearer (\S+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '';
  if (!isValidToken(seed, token, Date.now() / 1000)) {
    throw new GoogleRefusal(401, 'UNAUTHENTICATED', 'Request had invalid authentication credentials.');
  }
}
