import { randomUUIDv7 } from 'node:crypto';
import { inspect } from 'node:util';
import { beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import {
  PipelineError,
  Secret,
  type EarlierLoad,
  type Load,
  type WarehouseCredential,
} from '@pipelines/pipeline';
import { aLoad } from '@pipelines/pipeline/testing';
import type { Plan } from '@pipelines/quota';
import { MemoryWarehouse } from '../../testing/memory-warehouse.ts';
import { givenOrganization } from '../../testing/test-organization.ts';
import { useRunDatabase } from '../../testing/use-run-database.ts';
import { admitRun } from '../admission/admit-run.ts';
import type { WarehouseAccess } from '../execution/warehouse-access.ts';
import { RunMetrics } from '../metrics/run-metrics.ts';
import { enterStagingAreaSql, StagingAreas } from './staging-areas.ts';
import { StagingSweeper } from './staging.sweeper.ts';

const PLACE = { project: 'acme-project', location: 'EU' };

class RecordingWarehouse extends MemoryWarehouse {
  readonly discarded: EarlierLoad[] = [];
  refusal?: PipelineError;

  override async discard(load: EarlierLoad): Promise<void> {
    this.discarded.push(load);
    if (this.refusal) throw this.refusal;
    await super.discard(load);
  }
}

describe('StagingSweeper', () => {
  const database = useRunDatabase();
  let warehouse: RecordingWarehouse;
  let areas: StagingAreas;
  let metrics: RunMetrics;
  let organizations = 0;
  let org: string;
  let plan: Plan;

  beforeAll(() => Logger.overrideLogger(false));

  beforeEach(async () => {
    warehouse = new RecordingWarehouse();
    areas = new StagingAreas(database.dataSource);
    metrics = new RunMetrics();
    org = `org_${++organizations}`;
    plan = await givenOrganization(database.dataSource, org);
    await database.dataSource.query('DELETE FROM pipelines.staging_areas');
  });

  const sweeper = (credentialOf: () => Promise<WarehouseCredential | undefined> = async () => undefined) =>
    new StagingSweeper(areas, warehouse, { credentialOf } as unknown as WarehouseAccess, metrics);

  /** A run in this state, of which attempt 1 has staged; its five minutes have passed. */
  async function givenStaged(change: string, parameters: unknown[] = []): Promise<Load> {
    const runId = randomUUIDv7();
    const window = { start: '2026-11-01', end: '2026-11-02' };
    const path = { provider: 'openai', domain: 'cost', pipeline: 'costs_daily' };
    await admitRun(database.dataSource, { runId, org, window, ...path }, plan);
    await database.dataSource.query(`UPDATE pipelines.runs SET ${change} WHERE id = $1`, [
      runId,
      ...parameters,
    ]);
    const load = aLoad({ runId, org, place: PLACE });
    await enter(load);
    warehouse.staging.set(`${runId}/1`, []);
    await fiveMinutesPass();
    return load;
  }

  const enter = ({ runId, org, target, place }: Load) =>
    database.dataSource.query(
      `WITH attempt AS (SELECT $1::uuid AS id, 1 AS attempt, $2 AS org_slug),
       entered AS (${enterStagingAreaSql('attempt', '$3', '$4')}) SELECT FROM attempt`,
      [runId, org, target, place],
    );
  const fiveMinutesPass = () =>
    database.dataSource.query(`UPDATE pipelines.staging_areas SET sweep_after = now() - interval '1 second'`);
  const entered = async () =>
    (await database.dataSource.query<object[]>('SELECT FROM pipelines.staging_areas')).length;

  const FAILED = `status = 'failed', attempt = 1, finished_at = now(), error_code = 'worker_lost', error_message = ''`;

  it.each([
    ['a run that was given up', FAILED],
    [
      'an attempt that was taken over',
      `status = 'running', attempt = 2, lease_expires_at = now() + interval '30 s'`,
    ],
    ['a run that waits', `status = 'pending', attempt = 1, reason = 'retry_backoff'`],
  ])('removes what is left of %s, where it lies', async (_what, state) => {
    const { runId, target } = await givenStaged(state);

    await sweeper().sweep();

    expect(warehouse.discarded).toEqual([
      expect.objectContaining({ runId, attempt: 1, org, target, place: PLACE }),
    ]);
    expect(warehouse.staging.size).toBe(0);
    expect(await entered()).toBe(0);
    expect(await metrics.registry.metrics()).toContain('pipelines_leftover_staging_removed_total 1');
  });

  it('removes what is left of a run that went to the archive', async () => {
    const { runId } = await givenStaged(FAILED);
    await database.dataSource.query('DELETE FROM pipelines.runs WHERE id = $1', [runId]);

    await sweeper().sweep();

    expect(warehouse.staging.size).toBe(0);
  });

  it.each(['validating', 'running'])(
    'leaves the newest attempt of a run that is %s alone, however late its worker is',
    async (status) => {
      await givenStaged(`status = $2, attempt = 1, lease_expires_at = now() - interval '2 hours'`, [status]);

      await sweeper().sweep();

      expect(warehouse.discarded).toEqual([]);
      expect(await entered()).toBe(1);
    },
  );

  it('leaves a lost attempt five minutes to take away its own', async () => {
    const load = await givenStaged(FAILED);
    await database.dataSource.query('DELETE FROM pipelines.staging_areas');
    await enter(load);

    await sweeper().sweep();

    expect(warehouse.discarded).toEqual([]);
  });

  it('removes each leftover once, with many processes at it', async () => {
    for (let run = 0; run < 45; run++) await givenStaged(FAILED);

    await Promise.all(Array.from({ length: 4 }, () => sweeper().sweep()));

    expect(warehouse.discarded).toHaveLength(45);
    expect(new Set(warehouse.discarded.map(({ runId }) => runId)).size).toBe(45);
    expect(await entered()).toBe(0);
  });

  it('logs nothing of the credential when the warehouse repeats it', async () => {
    await givenStaged(FAILED);
    const secret = new Secret({ key: 'opens-the-warehouse' });
    const credential: WarehouseCredential = { name: 'loader', version: 3, secret };
    warehouse.refusal = new PipelineError('warehouse_unavailable', 'Not with opens-the-warehouse.');
    const logged: string[] = [];
    const warn = jest
      .spyOn(Logger.prototype, 'warn')
      .mockImplementation((said) => void logged.push(inspect(said, { depth: 9 })));

    await sweeper(() => Promise.resolve(credential)).sweep();
    warn.mockRestore();

    expect(logged.join()).toContain('Not with [redacted].');
    expect(logged.join()).not.toContain('opens-the-warehouse');
  });

  it('hands the credential that the target names to the warehouse', async () => {
    await givenStaged(FAILED);
    const credential = { name: 'loader', version: 3 } as WarehouseCredential;

    await sweeper(() => Promise.resolve(credential)).sweep();

    expect(warehouse.discarded).toEqual([expect.objectContaining({ credential })]);
  });

  it('comes back later to what cannot be removed, and does not let it keep others back', async () => {
    await givenStaged(FAILED);
    await givenStaged(FAILED);
    const missing = new PipelineError('credential_missing', 'Gone.');
    let opened = 0;
    const credentialOf = () => (opened++ === 0 ? Promise.reject(missing) : Promise.resolve(undefined));

    await sweeper(credentialOf).sweep();
    await sweeper(credentialOf).sweep();

    expect(warehouse.discarded).toHaveLength(1);
    expect(await entered()).toBe(1);
    await fiveMinutesPass();
    await sweeper(credentialOf).sweep();
    expect(await entered()).toBe(0);
  });

  it('forgets what cannot be removed once the warehouse has let it expire', async () => {
    await givenStaged(FAILED);
    warehouse.refusal = new PipelineError('warehouse_rejected', 'No access any more.');
    await database.dataSource.query(
      `UPDATE pipelines.staging_areas SET created_at = now() - interval '26 hours'`,
    );

    await sweeper().sweep();

    expect(warehouse.discarded).toHaveLength(1);
    expect(await entered()).toBe(0);
  });
});
