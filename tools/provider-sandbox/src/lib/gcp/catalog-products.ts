/** Something sold in every region, with the price of each tier in nanodollars per usage unit. */
export interface SandboxProduct {
  readonly description: string;
  readonly family: string;
  readonly group: string;
  readonly usageType: string;
  readonly unit: keyof typeof UNITS;
  readonly tiers: readonly (readonly [start: string, nanodollars: number])[];
}

/** A service of the catalog. */
export interface SandboxService {
  readonly id: string;
  readonly name: string;
  readonly products: readonly SandboxProduct[];
}

/** Usage units with their base unit and the conversion factor as the API writes it, exponent and all. */
export const UNITS = {
  h: { baseUnit: 's', factor: '3600' },
  'GiBy.h': { baseUnit: 'By.s', factor: '3.865470566E12' },
  'GiBy.mo': { baseUnit: 'By.s', factor: '2.8759561797632E15' },
  GiBy: { baseUnit: 'By', factor: '1.073741824E9' },
  TiBy: { baseUnit: 'By', factor: '1.099511627776E12' },
  s: { baseUnit: 's', factor: '1' },
  count: { baseUnit: 'count', factor: '1' },
} as const;

/** Where everything is sold. */
export const REGIONS = ['us-central1', 'us-east1', 'europe-west1', 'europe-west3', 'asia-northeast1'];

const product = (
  description: string,
  family: string,
  group: string,
  unit: SandboxProduct['unit'],
  ...tiers: SandboxProduct['tiers']
): SandboxProduct => ({
  description,
  family,
  group,
  unit,
  tiers,
  usageType: description.startsWith('Spot')
    ? 'Preemptible'
    : description.startsWith('Commitment')
      ? 'Commit1Yr'
      : 'OnDemand',
});

/** Services under the ids that Google gave them. The last sells nothing. */
export const SERVICES: readonly SandboxService[] = [
  {
    id: '6F81-5844-456A',
    name: 'Compute Engine',
    products: [
      product('N2 Instance Core', 'Compute', 'CPU', 'h', ['0', 31_611_000]),
      product('N2 Instance Ram', 'Compute', 'RAM', 'GiBy.h', ['0', 4_237_000]),
      product('E2 Instance Core', 'Compute', 'CPU', 'h', ['0', 21_811_590]),
      product('E2 Instance Ram', 'Compute', 'RAM', 'GiBy.h', ['0', 2_923_530]),
      product('Spot Preemptible N2 Instance Core', 'Compute', 'CPU', 'h', ['0', 7_650_000]),
      product('Commitment v1: N2 Cpu', 'Compute', 'CPU', 'h', ['0', 19_915_000]),
      product('SSD backed PD Capacity', 'Storage', 'SSD', 'GiBy.mo', ['0', 170_000_000]),
      product(
        'Network Internet Egress',
        'Network',
        'PremiumInternetEgress',
        'GiBy',
        ['0', 0],
        ['1', 120_000_000],
        ['1024', 110_000_000],
        ['10240', 80_000_000],
      ),
    ],
  },
  {
    id: '24E6-581D-38E5',
    name: 'BigQuery',
    products: [
      product('Analysis', 'ApplicationServices', 'OnDemandAnalysis', 'TiBy', ['0', 0], ['1', 6_250_000_000]),
      product('Active Logical Storage', 'Storage', 'ActiveStorage', 'GiBy.mo', ['0', 0], ['10', 20_000_000]),
      product(
        'Long Term Logical Storage',
        'Storage',
        'LongTermStorage',
        'GiBy.mo',
        ['0', 0],
        ['10', 10_000_000],
      ),
      product('Streaming Insert', 'ApplicationServices', 'Streaming', 'GiBy', ['0', 48_828_125]),
    ],
  },
  {
    id: '95FF-2EF5-5EA1',
    name: 'Cloud Storage',
    products: [
      product(
        'Standard Storage Regional',
        'Storage',
        'RegionalStorage',
        'GiBy.mo',
        ['0', 0],
        ['5', 20_000_000],
      ),
      product('Nearline Storage Regional', 'Storage', 'NearlineStorage', 'GiBy.mo', ['0', 10_000_000]),
      product(
        'Regional Standard Class A Operations',
        'Storage',
        'RegionalOps',
        'count',
        ['0', 0],
        ['5000', 5_000],
      ),
      product(
        'Download Worldwide Destinations',
        'Network',
        'InternetEgress',
        'GiBy',
        ['0', 0],
        ['0.5', 120_000_000],
        ['1024', 110_000_000],
      ),
    ],
  },
  {
    id: '152E-C115-5142',
    name: 'Cloud Run',
    products: [
      product(
        'Services CPU Allocation Time',
        'ApplicationServices',
        'Serverless',
        's',
        ['0', 0],
        ['180000', 24_000],
      ),
      product('Services Memory Allocation Time', 'ApplicationServices', 'Serverless', 'GiBy.h', [
        '0',
        9_000_000,
      ]),
      product('Requests', 'ApplicationServices', 'Serverless', 'count', ['0', 0], ['2000000', 400]),
    ],
  },
  {
    id: 'C7E2-9256-1C43',
    name: 'Vertex AI',
    products: [
      product('Generative AI Text Input', 'ApplicationServices', 'GenerativeAI', 'count', ['0', 125]),
      product('Generative AI Text Output', 'ApplicationServices', 'GenerativeAI', 'count', ['0', 375]),
      product('Online Prediction N1 Core', 'Compute', 'CPU', 'h', ['0', 36_353_000]),
      product('Training Pipelines L4 GPU', 'Compute', 'GPU', 'h', ['0', 644_046_000]),
    ],
  },
  {
    id: '9662-B51E-5089',
    name: 'Cloud SQL',
    products: [
      product('PostgreSQL: Zonal - vCPU', 'ApplicationServices', 'SQLGen2InstancesCPU', 'h', [
        '0',
        41_300_000,
      ]),
      product('PostgreSQL: Zonal - RAM', 'ApplicationServices', 'SQLGen2InstancesRAM', 'GiBy.h', [
        '0',
        7_000_000,
      ]),
      product('PostgreSQL: Zonal - Standard storage', 'Storage', 'SSD', 'GiBy.mo', ['0', 170_000_000]),
    ],
  },
  {
    id: '5490-F7B7-8DF6',
    name: 'Cloud Logging',
    products: [
      product('Log Storage cost', 'ApplicationServices', 'Logging', 'GiBy', ['0', 0], ['50', 500_000_000]),
      product('Log Retention cost', 'ApplicationServices', 'Logging', 'GiBy.mo', ['0', 10_000_000]),
    ],
  },
  {
    id: 'CCD8-9BF1-090E',
    name: 'Kubernetes Engine',
    products: [
      product('Zonal Kubernetes Clusters', 'Compute', 'GKE', 'h', ['0', 100_000_000]),
      product('Autopilot Pod vCPU Requests', 'Compute', 'CPU', 'h', ['0', 44_500_000]),
    ],
  },
  { id: '17D8-7C4B-1B2F', name: 'Retired Service', products: [] },
];
