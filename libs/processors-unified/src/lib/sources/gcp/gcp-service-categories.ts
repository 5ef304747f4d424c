import type { ServiceCategory, ServiceSubcategory } from '../../focus/service-categories.ts';

/** Services of one subcategory. */
export interface CategorizedServices {
  readonly category: ServiceCategory;
  readonly subcategory: string;
  /** Names as `service.description` of the billing export spells them; `*` at the end stands for any rest. */
  readonly services: readonly string[];
}

/** The category of every service that is not listed. */
export const UNCATEGORIZED = { category: 'Other', subcategory: 'Other (Other)' } as const;

/** Which category Google Cloud's services belong to. Add a service here when it appears in bills as `Other`. */
export const GCP_SERVICE_CATEGORIES: readonly CategorizedServices[] = [
  within('Compute', 'Virtual Machines', 'Compute Engine', 'VMware Engine', 'Google Cloud VMware Engine'),
  within('Compute', 'Containers', 'Kubernetes Engine', 'Google Kubernetes Engine', 'Anthos'),
  within('Compute', 'Serverless Compute', 'Cloud Run', 'Cloud Run Functions', 'Cloud Functions'),
  within('Web', 'Application Platforms', 'App Engine', 'Firebase Hosting'),
  within('Storage', 'Object Storage', 'Cloud Storage', 'Cloud Storage for Firebase'),
  within('Storage', 'File Storage', 'Filestore', 'Cloud Filestore', 'NetApp Volumes'),
  within('Storage', 'Backup Storage', 'Backup and DR Service', 'Backup for GKE'),
  within(
    'Databases',
    'Data Warehouses',
    'BigQuery',
    'BigQuery Reservation API',
    'BigQuery Storage API',
    'BigQuery BI Engine',
  ),
  within('Databases', 'Relational Databases', 'Cloud SQL', 'AlloyDB', 'Cloud Spanner'),
  within('Databases', 'NoSQL Databases', 'Firestore', 'Cloud Firestore', 'Cloud Bigtable', 'Cloud Datastore'),
  within(
    'Databases',
    'Caching',
    'Cloud Memorystore for Redis',
    'Cloud Memorystore',
    'Memorystore for Valkey',
  ),
  within('Analytics', 'Data Processing', 'Cloud Dataflow', 'Cloud Dataproc', 'Dataproc', 'Cloud Data Fusion'),
  within('Analytics', 'Business Intelligence', 'Looker', 'Looker Studio'),
  within('Integration', 'Messaging', 'Cloud Pub/Sub', 'Eventarc', 'Cloud Tasks'),
  within('Integration', 'Workflow Orchestration', 'Cloud Scheduler', 'Workflows', 'Cloud Composer'),
  within('Integration', 'API Management', 'Apigee', 'API Gateway', 'Cloud Endpoints'),
  within('AI and Machine Learning', 'AI Platforms', 'Vertex AI', 'Cloud AI Platform'),
  within('AI and Machine Learning', 'Generative AI', 'Gemini API', 'Generative Language API'),
  within(
    'AI and Machine Learning',
    'Natural Language Processing',
    'Translate',
    'Cloud Translation API',
    'Natural Language',
    'Cloud Natural Language API',
    'Cloud Speech API',
    'Cloud Text-to-Speech API',
  ),
  within('AI and Machine Learning', 'Machine Learning', 'Cloud Vision API', 'Cloud Document AI API'),
  within('AI and Machine Learning', 'Bots', 'Cloud Dialogflow API'),
  within('Networking', 'Network Connectivity', 'Networking', 'Cloud Interconnect', 'Cloud VPN'),
  within('Networking', 'Content Delivery', 'Cloud CDN', 'Media CDN'),
  within('Networking', 'Network Routing', 'Cloud DNS', 'Cloud Domains'),
  within('Networking', 'Network Security', 'Cloud Armor', 'Networking security', 'Cloud NGFW'),
  within(
    'Security',
    'Secret Management',
    'Cloud Key Management Service (KMS)',
    'Secret Manager',
    'Certificate Authority Service',
  ),
  within('Security', 'Security Posture Management', 'Security Command Center'),
  within('Security', 'Threat Detection and Response', 'Chronicle', 'reCAPTCHA Enterprise'),
  within('Identity', 'Identity and Access Management', 'Identity Platform', 'Firebase Auth'),
  within(
    'Management and Governance',
    'Observability',
    'Cloud Logging',
    'Cloud Monitoring',
    'Cloud Trace',
    'Stackdriver*',
  ),
  within('Management and Governance', 'Support', 'Support', 'Google Cloud Support', 'Cloud Support'),
  within('Developer Tools', 'Source Code Management', 'Artifact Registry', 'Source Repository'),
  within('Developer Tools', 'Continuous Integration and Deployment', 'Cloud Build', 'Cloud Deploy'),
  within('Developer Tools', 'Development Environments', 'Cloud Workstations'),
  within('Business Applications', 'Productivity and Collaboration', 'Google Workspace', 'G Suite'),
  within('Migration', 'Data Migration', 'Storage Transfer Service', 'Database Migration Service'),
];

function within<C extends ServiceCategory>(
  category: C,
  subcategory: ServiceSubcategory<C>,
  ...services: readonly string[]
): CategorizedServices {
  return { category, subcategory, services };
}
