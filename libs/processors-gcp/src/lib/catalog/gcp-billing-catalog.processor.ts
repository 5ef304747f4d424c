import { createHash } from 'node:crypto';
import { Inject } from '@nestjs/common';
import {
  type JsonValue,
  nearestName,
  PipelineError,
  Processor,
  type ProcessorContext,
  type Row,
  type RowProcessor,
  type TableSchema,
  type TargetReader,
} from '@pipelines/pipeline';
import { GcpClient } from '../gcp-client.ts';
import { MODULE_OPTIONS_TOKEN, type GcpProcessorsOptions } from '../gcp-processors.options.ts';
import type { GcpSecret } from '../gcp.secret.ts';
import { readService, readSku, type GcpService, type GcpSku } from './gcp-billing-catalog.api.ts';
import { GcpBillingCatalogOptions } from './gcp-billing-catalog.options.ts';
import { GCP_PRICING_CATALOG_SCHEMA } from './gcp-billing-catalog.schema.ts';
import { knownStates } from './known-states.ts';
import { ServiceFailures } from './service-failures.ts';

const SCOPE = 'https://www.googleapis.com/auth/cloud-billing.readonly';
/** The API's maximum for services; SKUs are larger, and a page of them bounds memory. */
const SERVICES_PER_PAGE = '5000';
const SKUS_PER_PAGE = '1000';

type Context = ProcessorContext<GcpBillingCatalogOptions, GcpSecret>;

/**
 * Loads what of Google Cloud's public list prices differs from what was loaded last, whatever the window: an unchanged
 * catalog adds nothing, and a SKU without a price has no row. A service whose list is refused, or fails, is left to the next
 * run. One batch is a page of SKUs, or a part of a large one.
 *
 * Facts: Cloud Billing API v1, `services.list` and `services.skus.list`. Asked without a span of time, as here, the API
 * gives the prices of now, with an effective time of the last hours that moves on from day to day.
 */
@Processor({
  name: 'GcpBillingCatalogProcessor',
  module: '@pipelines/processors-gcp',
  provider: 'gcp',
  options: GcpBillingCatalogOptions,
})
export class GcpBillingCatalogProcessor implements RowProcessor<GcpBillingCatalogOptions, GcpSecret> {
  readonly kind = 'rows';
  private readonly baseUrl: string;

  constructor(
    private readonly client: GcpClient,
    @Inject(MODULE_OPTIONS_TOKEN) { billingCatalogBaseUrl }: GcpProcessorsOptions,
  ) {
    this.baseUrl = billingCatalogBaseUrl.replace(/\/+$/, '');
  }

  schemaFor(): TableSchema {
    return GCP_PRICING_CATALOG_SCHEMA;
  }

  async *extract(context: Context, target: TargetReader): AsyncGenerator<readonly Row[]> {
    const known = await knownStates(target, context.options.currency_code);
    const failures = new ServiceFailures(context.leftOut);
    for (const service of await this.services(context)) {
      let begun = false;
      try {
        for await (const rows of this.changesOf(service, known, context)) {
          begun = true;
          if (rows.length > 0) yield rows;
        }
        failures.listed();
      } catch (error) {
        // A list that breaks off is no list that is refused.
        if (begun || context.signal.aborted) throw error;
        failures.failed(error);
      }
    }
    failures.end();
  }

  /** What differs on each page of the service's list, which may be nothing. */
  private async *changesOf(
    service: GcpService,
    known: ReadonlyMap<string, string>,
    context: Context,
  ): AsyncGenerator<readonly Row[]> {
    const { currency_code: currency } = context.options;
    const url = new URL(`${this.baseUrl}/services/${encodeURIComponent(service.id)}/skus`);
    url.searchParams.set('currencyCode', currency);
    url.searchParams.set('pageSize', SKUS_PER_PAGE);
    const seen = new Set<string>();
    for await (const page of this.client.pages({ url, scope: SCOPE, collection: 'skus' }, context)) {
      yield page.flatMap((resource) => {
        const sku = readOnce(resource, currency, seen);
        const state = stateOf(service, sku);
        return known.get(sku.id) === state ? [] : toRows(service, sku, state);
      });
    }
  }

  private async services(context: Context): Promise<readonly GcpService[]> {
    const url = new URL(`${this.baseUrl}/services`);
    url.searchParams.set('pageSize', SERVICES_PER_PAGE);
    const services = new Map<string, GcpService>();
    for await (const page of this.client.pages({ url, scope: SCOPE, collection: 'services' }, context)) {
      for (const resource of page) {
        const service = readService(resource);
        // A page that comes again in place of another would hide the services of the other.
        if (services.has(service.id))
          throw resource.get('serviceId').invalid('a service that was not listed before');
        services.set(service.id, service);
      }
    }
    return (context.options.service_ids ?? [...services.keys()]).map(
      (id) => services.get(id) ?? unknown(id, services),
    );
  }
}

function unknown(id: string, services: ReadonlyMap<string, GcpService>): never {
  const nearest = nearestName(id, [...services.keys()]);
  throw new PipelineError(
    'configuration_invalid',
    `processor.options.service_ids: the catalog has no service "${id}".${nearest ? ` Did you mean "${nearest}"?` : ''}`,
    { facts: { field: 'processor.options.service_ids' } },
  );
}

/** A page that comes again in place of another would list its prices twice, and hide the prices of the other. */
function readOnce(sku: JsonValue, currency: string, seen: Set<string>): GcpSku {
  const read = readSku(sku, currency);
  if (seen.has(read.id)) throw sku.get('skuId').invalid('a SKU that the service has not listed before');
  seen.add(read.id);
  return read;
}

/** Everything but the effective time, which moves although nothing changes. */
function stateOf(service: GcpService, sku: GcpSku): string {
  const pricing = sku.pricing.map(({ effectiveTime: _moves, ...price }) => price);
  const text = JSON.stringify([service, { ...sku, pricing }], (_key, value: unknown) =>
    typeof value === 'bigint' ? String(value) : value,
  );
  // A NUL is nothing that anybody sees.
  return createHash('sha256').update(text.replaceAll('\\u0000', '')).digest('hex').slice(0, 32);
}

function toRows(service: GcpService, sku: GcpSku, state: string): Row[] {
  return sku.pricing.flatMap(({ tiers, ...pricing }) =>
    tiers.map((tier) => ({
      service_id: service.id,
      service_name: service.name,
      sku_id: sku.id,
      sku_description: sku.description,
      resource_family: sku.resourceFamily,
      resource_group: sku.resourceGroup,
      usage_type: sku.usageType,
      regions: JSON.stringify(sku.regions),
      geo_type: sku.geoType,
      effective_time: pricing.effectiveTime,
      state,
      usage_unit: pricing.usageUnit,
      base_unit: pricing.baseUnit,
      base_unit_conversion_factor: pricing.baseUnitConversionFactor,
      display_quantity: pricing.displayQuantity,
      currency: tier.currency,
      tier_start_amount: tier.start,
      unit_price: tier.unitPrice,
      aggregation_level: pricing.aggregationLevel,
      aggregation_interval: pricing.aggregationInterval,
      aggregation_count: pricing.aggregationCount,
    })),
  );
}
