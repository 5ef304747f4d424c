import { Agent, request } from 'node:http';
import type { ServiceProcess } from '@pipelines/service-driver';
import { CONNECTIONS, PIPELINE, WINDOW } from './installation.ts';
import { load, type LoadResult } from './load.ts';

const BODY = JSON.stringify({ date: WINDOW.start });

/** Starts runs over connections that are kept open, in turn for each of the organizations; every one must be accepted. */
export async function postRuns(
  { baseUrl }: ServiceProcess,
  key: string,
  total: number,
  organizations: number,
): Promise<LoadResult> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const { hostname, port } = new URL(baseUrl);
  const { provider, domain, pipeline } = PIPELINE;
  const post = (index: number) => {
    const path = `/api/v1/pipelines/run/bench_${index % organizations}/${provider}/${domain}/${pipeline}`;
    return new Promise<number | undefined>((resolve, reject) => {
      request({ agent, hostname, port, path, method: 'POST', headers: { 'x-api-key': key } }, (response) => {
        response.resume().on('end', () => resolve(response.statusCode));
      })
        .on('error', reject)
        .end(BODY);
    });
  };
  try {
    return await load(total, CONNECTIONS, async (index) => {
      const status = await post(index);
      if (status !== 202) throw new Error(`POST answered ${status}.`);
    });
  } finally {
    agent.destroy();
  }
}
