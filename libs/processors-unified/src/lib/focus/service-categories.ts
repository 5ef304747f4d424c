/**
 * The service categories of FOCUS and their subcategories, spelled exactly as in versions 1.2 and 1.3. Each category
 * also has the subcategory `Other (<category>)`.
 */
const SUBCATEGORIES = {
  'AI and Machine Learning': [
    'AI Platforms',
    'Bots',
    'Generative AI',
    'Machine Learning',
    'Natural Language Processing',
  ],
  Analytics: [
    'Analytics Platforms',
    'Business Intelligence',
    'Data Processing',
    'Search',
    'Streaming Analytics',
  ],
  'Business Applications': ['Productivity and Collaboration'],
  Compute: ['Containers', 'End User Computing', 'Quantum Compute', 'Serverless Compute', 'Virtual Machines'],
  Databases: [
    'Caching',
    'Data Warehouses',
    'Ledger Databases',
    'NoSQL Databases',
    'Relational Databases',
    'Time Series Databases',
  ],
  'Developer Tools': [
    'Developer Platforms',
    'Continuous Integration and Deployment',
    'Development Environments',
    'Source Code Management',
    'Quality Assurance',
  ],
  Identity: ['Identity and Access Management'],
  Integration: ['API Management', 'Messaging', 'Workflow Orchestration'],
  'Internet of Things': ['IoT Analytics', 'IoT Platforms'],
  'Management and Governance': [
    'Architecture',
    'Compliance',
    'Cost Management',
    'Data Governance',
    'Disaster Recovery',
    'Endpoint Management',
    'Observability',
    'Support',
  ],
  Media: ['Content Creation', 'Gaming', 'Media Streaming', 'Mixed Reality'],
  Migration: ['Data Migration', 'Resource Migration'],
  Mobile: [],
  Multicloud: ['Multicloud Integration'],
  Networking: [
    'Application Networking',
    'Content Delivery',
    'Network Connectivity',
    'Network Infrastructure',
    'Network Routing',
    'Network Security',
  ],
  Security: ['Secret Management', 'Security Posture Management', 'Threat Detection and Response'],
  Storage: ['Backup Storage', 'Block Storage', 'File Storage', 'Object Storage', 'Storage Platforms'],
  Web: ['Application Platforms'],
  Other: [],
} as const satisfies Readonly<Record<string, readonly string[]>>;

/** A service category. */
export type ServiceCategory = keyof typeof SUBCATEGORIES;

/** A subcategory of a category. */
export type ServiceSubcategory<C extends ServiceCategory> =
  (typeof SUBCATEGORIES)[C][number] | `Other (${C})`;

/** Every category with each of its subcategories. */
export const SERVICE_CATEGORIES: ReadonlyMap<ServiceCategory, readonly string[]> = new Map(
  Object.entries(SUBCATEGORIES).map(([category, subcategories]) => [
    category as ServiceCategory,
    [...subcategories, `Other (${category})`],
  ]),
);
