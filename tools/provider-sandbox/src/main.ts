import { parseArgs } from 'node:util';
import { startProviderSandbox } from './lib/start-provider-sandbox.ts';

const { values } = parseArgs({
  options: {
    host: { type: 'string', default: '127.0.0.1' },
    port: { type: 'string', default: '8002' },
    seed: { type: 'string', default: 'pipelines' },
  },
});

const sandbox = await startProviderSandbox({ ...values, port: Number(values.port) });

console.log(`Provider sandbox on ${sandbox.url}

Settings for the service:
  OPENAI_BASE_URL=${sandbox.endpoints.openai}
  ANTHROPIC_BASE_URL=${sandbox.endpoints.anthropic}
  GCP_BILLING_CATALOG_BASE_URL=${sandbox.endpoints.gcpBillingCatalog}
  GCP_TOKEN_URL=${sandbox.endpoints.gcpToken}

Credentials to store, each the body of a PUT:
  openai     ${JSON.stringify(sandbox.credentials.openai)}
  anthropic  ${JSON.stringify(sandbox.credentials.anthropic)}
  gcp        ${JSON.stringify(sandbox.credentials.gcp)}

What was charged, exactly:
  curl '${sandbox.url}/_sandbox/truth/openai/costs?start_date=2026-11-01&end_date=2026-11-02'

Ctrl-C ends it.`);

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void sandbox.close());
