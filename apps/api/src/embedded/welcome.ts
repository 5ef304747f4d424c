import { DEMO_ORGANIZATION } from './demo-organization.ts';

/** What a person sees after `npm start`: where the service is, the demo key, a line to paste, and a notice if any. */
export function welcome(host: string, port: number, apiKey: string, notice?: string): string {
  const base = `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
  return `
Pipelines is listening on ${base} (documentation: ${base}/docs)

  Demo organization  ${DEMO_ORGANIZATION}
  Demo API key       ${apiKey}

Start a run:

  curl -X POST -H 'X-API-Key: ${apiKey}' ${base}/api/v1/pipelines/run/${DEMO_ORGANIZATION}/openai/cost/costs_daily

${notice === undefined ? '' : `${notice}\n\n`}Ctrl-C stops everything.
`;
}
