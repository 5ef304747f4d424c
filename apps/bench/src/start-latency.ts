import { setTimeout as delay } from 'node:timers/promises';
import type { ApiClient, RunStatus } from '@pipelines/service-driver';
import { PIPELINE, WINDOW, type Installation } from './installation.ts';
import { percentile, type Bounds, type Measurement } from './measurement.ts';

const RUNS = 30;
const LOOK_EVERY_MS = 20;

/** From sending the POST to `running`, on an idle worker: of the same process, and of another one. */
export async function measureStartLatency(installation: Installation): Promise<Measurement[]> {
  const all = await installation.service('all');
  await installation.storeCredentials(installation.client(all), 1);
  const together = await latency(installation.client(all), 'one process', { maxMedianMs: 50 });
  await all.stop();

  const [api, worker] = [await installation.service('api'), await installation.service('worker')];
  const apart = await latency(installation.client(api), 'API and worker apart', { maxMedianMs: 1_000 });
  await Promise.all([api.stop(), worker.stop()]);
  await installation.forgetRuns();
  return [together, apart];
}

/** Up to the instant that the run itself records as its start; PostgreSQL and this process share a clock. */
async function latency(client: ApiClient, where: string, bounds: Bounds): Promise<Measurement> {
  const latencies: number[] = [];
  for (let runs = 0; runs < RUNS; runs++) {
    const before = Date.now();
    const path = `pipelines/run/bench_0/${PIPELINE.provider}/${PIPELINE.domain}/${PIPELINE.pipeline}`;
    const { run_id } = await client.call<{ run_id: string }>('POST', path, { date: WINDOW.start });
    const run = await untilEnded(client, run_id);
    latencies.push(Date.parse(run.timestamps.running!) - before);
  }
  latencies.sort((a, b) => a - b);
  return {
    name: `POST to running: ${where}`,
    medianMs: percentile(latencies, 0.5),
    p99Ms: percentile(latencies, 0.99),
    bounds,
  };
}

/** So that the next run finds the worker idle. */
async function untilEnded(client: ApiClient, runId: string): Promise<RunStatus> {
  for (;;) {
    const run = await client.call<RunStatus>('GET', `pipelines/status/bench_0/${runId}`);
    if (run.status === 'failed') throw new Error(`The run failed: ${run.error?.message}`);
    if (run.status === 'completed') return run;
    await delay(LOOK_EVERY_MS);
  }
}
