import { parseArgs } from 'node:util';
import { startProviderSandbox, type ProviderSandbox } from './lib/start-provider-sandbox.ts';

/** Starts the sandbox at the address that the options name, and tells how to use it. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      host: { type: 'string', default: '127.0.0.1' },
      port: { type: 'string', default: '8002' },
      seed: { type: 'string', default: 'pipelines' },
    },
  });
  const sandbox = await startProviderSandbox({ ...values, port: Number(values.port) });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void sandbox.close());
  console.log(welcome(sandbox));
}

function welcome(sandbox: ProviderSandbox): string {
  return `Provider sandbox on ${sandbox.url}

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

Ctrl-C ends it.`;
}

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
