import type { TableSchema } from '@pipelines/pipeline';

/**
 * The table `gcp_pricing_catalog`: Google Cloud's public list prices, one row per SKU, state and tier. A SKU gets rows
 * when it appears and when anything about it changes.
 */
export const GCP_PRICING_CATALOG_SCHEMA: TableSchema = {
  description:
    "Google Cloud's public list prices and their changes, per SKU, effective time and tier; those of the latest effective time of a SKU and currency hold now",
  columns: [
    { name: 'service_id', type: 'STRING', mode: 'REQUIRED', description: 'Service, such as 6F81-5844-456A' },
    { name: 'service_name', type: 'STRING', mode: 'REQUIRED', description: 'Display name of the service' },
    { name: 'sku_id', type: 'STRING', mode: 'REQUIRED', description: 'SKU, such as 0012-B7F2-DD14' },
    { name: 'sku_description', type: 'STRING', description: 'What is sold' },
    { name: 'resource_family', type: 'STRING', description: 'Compute, Storage, Network, …' },
    { name: 'resource_group', type: 'STRING', description: 'Group within the family, such as RAM' },
    { name: 'usage_type', type: 'STRING', description: 'OnDemand, Preemptible, Commit1Yr, …' },
    {
      name: 'regions',
      type: 'JSON',
      mode: 'REQUIRED',
      description: 'Array of the regions where the SKU is sold',
    },
    { name: 'geo_type', type: 'STRING', description: 'GLOBAL, REGIONAL or MULTI_REGIONAL' },
    {
      name: 'effective_time',
      type: 'TIMESTAMP',
      mode: 'REQUIRED',
      description: 'When the catalog showed the price first; it does not tell since when it holds',
    },
    {
      name: 'state',
      type: 'STRING',
      description:
        'Fingerprint of everything else about the SKU in the currency: it differs where anything changed',
    },
    {
      name: 'usage_unit',
      type: 'STRING',
      mode: 'REQUIRED',
      description: 'Unit of the price, such as GiBy.mo',
    },
    { name: 'base_unit', type: 'STRING', description: 'Unit of the usage reports, such as By.s' },
    { name: 'base_unit_conversion_factor', type: 'BIGNUMERIC', description: 'Base units in one usage unit' },
    {
      name: 'display_quantity',
      type: 'BIGNUMERIC',
      description: 'Usage units that prices are displayed for',
    },
    { name: 'currency', type: 'STRING', mode: 'REQUIRED', description: 'ISO 4217 code of the price' },
    {
      name: 'tier_start_amount',
      type: 'BIGNUMERIC',
      mode: 'REQUIRED',
      description: 'Usage units from which the tier applies, per aggregation period',
    },
    { name: 'unit_price', type: 'BIGNUMERIC', mode: 'REQUIRED', description: 'Price of one usage unit' },
    {
      name: 'aggregation_level',
      type: 'STRING',
      description: 'ACCOUNT or PROJECT; null when usage is not summed',
    },
    { name: 'aggregation_interval', type: 'STRING', description: 'DAILY or MONTHLY' },
    { name: 'aggregation_count', type: 'INT64', description: 'Intervals over which usage is summed' },
  ],
  naturalKey: ['sku_id', 'currency', 'effective_time', 'tier_start_amount'],
  money: [{ amount: 'unit_price', currency: 'currency' }],
};
