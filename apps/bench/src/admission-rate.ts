import { randomUUIDv7 } from 'node:crypto';
import { ADMIT_STATEMENT, admissionParameters } from '@pipelines/runs';
import type { Pool } from 'pg';
import { CONNECTIONS, ORGANIZATIONS, PIPELINE, WINDOW, type Installation } from './installation.ts';
import { load, summarize, type LoadResult } from './load.ts';
import type { Measurement } from './measurement.ts';
import { postRuns } from './post-runs.ts';

const ROUNDS = 6;
const PER_ROUND = 1_000;
/** Until the statements are planned and the hot paths compiled. */
const WARM_UP = 2_000;
const MIN_RATIO = 0.5;
/** Of many organizations; those who wait for the counter of one wait for each other's flushes. */
const MAX_P99_MS = 100;
const UNLIMITED = { dailyLimit: null, monthlyLimit: null, concurrentLimit: null };

/**
 * Admissions per second over HTTP beside the same statement through a bare pool: for many organizations, and for one,
 * whose counter all of them wait for. The bare statement is measured twice: sent as text, which PostgreSQL plans each
 * time, and prepared, which is how the service sends it. The bound is against the text.
 */
export async function measureAdmissions(installation: Installation): Promise<Measurement[]> {
  const api = await installation.service('api');
  const measurements: Measurement[] = [];
  for (const organizations of [ORGANIZATIONS, 1]) {
    const [text, prepared, http] = await inTurn(
      (total) => bareStatement(installation.pool, total, organizations),
      (total) => bareStatement(installation.pool, total, organizations, ADMIT_STATEMENT.name),
      (total) => postRuns(api, installation.rootKey, total, organizations),
    );
    const who = organizations === 1 ? 'one organization' : `${organizations} organizations`;
    const perSecond = http!.perSecond;
    const bounds = { minRatio: MIN_RATIO, maxP99Ms: organizations === 1 ? undefined : MAX_P99_MS };
    measurements.push(
      { name: `${who}: bare statement`, ...text },
      { name: `${who}: POST`, ...http!, ratio: perSecond / text!.perSecond, bounds },
      { name: `${who}: bare statement, prepared`, ...prepared },
      { name: `${who}: POST beside that`, ratio: perSecond / prepared!.perSecond },
    );
  }
  await api.stop();
  await installation.forgetRuns();
  return measurements;
}

/** Warms each load up, and measures them in turn, so that a machine that changes its pace does so for all of them. */
async function inTurn(...kinds: ((total: number) => Promise<LoadResult>)[]) {
  const results = kinds.map((): LoadResult[] => []);
  for (const once of kinds) await once(WARM_UP);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [index, once] of kinds.entries()) results[index]!.push(await once(PER_ROUND));
  }
  return results.map(summarize);
}

function bareStatement(pool: Pool, total: number, organizations: number, name?: string): Promise<LoadResult> {
  return load(total, CONNECTIONS, async (index) => {
    const request = {
      runId: randomUUIDv7(),
      org: `bench_${index % organizations}`,
      window: WINDOW,
      ...PIPELINE,
    };
    const values = admissionParameters(request, UNLIMITED);
    const { rows } = await pool.query<{ admitted: boolean }>({ name, text: ADMIT_STATEMENT.text, values });
    if (!rows[0]!.admitted) throw new Error('The bare statement admitted nothing.');
  });
}
