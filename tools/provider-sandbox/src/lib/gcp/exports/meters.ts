import { skusOf, type CatalogSku } from '../catalog.ts';
import { SERVICES, UNITS } from '../catalog-products.ts';

/** Something that projects use, with its SKU of the catalog. */
export interface Meter {
  readonly sku: CatalogSku;
  readonly unit: string;
  readonly baseUnit: string;
  /** Base units in a pricing unit. */
  readonly factor: number;
  /** Hundredths of a pricing unit that half a day uses at most. */
  readonly busy: number;
}

const NAMES: Readonly<Record<keyof typeof UNITS, readonly [unit: string, baseUnit: string, busy: number]>> = {
  h: ['hour', 'seconds', 40_000],
  'GiBy.h': ['gibibyte hour', 'byte-seconds', 160_000],
  'GiBy.mo': ['gibibyte month', 'byte-seconds', 9_000],
  GiBy: ['gibibyte', 'bytes', 30_000],
  TiBy: ['tebibyte', 'bytes', 600],
  s: ['second', 'seconds', 9_000_000],
  count: ['count', 'requests', 90_000_000],
};

/** Products that are used, and in which region. */
const USED: readonly (readonly [service: string, product: string, region: string])[] = [
  ['Compute Engine', 'N2 Instance Core', 'us-central1'],
  ['Compute Engine', 'N2 Instance Ram', 'us-central1'],
  ['Compute Engine', 'Spot Preemptible N2 Instance Core', 'europe-west1'],
  ['Compute Engine', 'Commitment v1: N2 Cpu', 'us-central1'],
  ['Compute Engine', 'Network Internet Egress', 'us-central1'],
  ['BigQuery', 'Analysis', 'us-east1'],
  ['BigQuery', 'Active Logical Storage', 'us-east1'],
  ['Cloud Storage', 'Standard Storage Regional', 'europe-west1'],
  ['Cloud Storage', 'Regional Standard Class A Operations', 'europe-west1'],
  ['Cloud Run', 'Services CPU Allocation Time', 'us-central1'],
  ['Vertex AI', 'Generative AI Text Output', 'us-central1'],
  ['Cloud SQL', 'PostgreSQL: Zonal - vCPU', 'europe-west3'],
  ['Cloud Logging', 'Log Storage cost', 'us-central1'],
];

/** By seed and currency: the prices of a catalog are many, and the same every day. */
const known = new Map<string, readonly Meter[]>();

/** What the projects use, at the prices of the currency. */
export function metersOf(seed: string, currency: string): readonly Meter[] {
  const key = JSON.stringify([seed, currency]);
  const meters = known.get(key) ?? findMeters(seed, currency);
  known.set(key, meters);
  return meters;
}

function findMeters(seed: string, currency: string): readonly Meter[] {
  return USED.map(([serviceName, description, region]) => {
    const service = SERVICES.find(({ name }) => name === serviceName)!;
    const sku = skusOf(seed, service, currency).find(
      (candidate) => candidate.product.description === description && candidate.region === region,
    )!;
    const [unit, baseUnit, busy] = NAMES[sku.product.unit];
    return { sku, unit, baseUnit, busy, factor: Number(UNITS[sku.product.unit].factor) };
  });
}
