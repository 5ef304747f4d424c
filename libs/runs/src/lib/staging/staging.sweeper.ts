import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { Warehouse, type WarehouseCredential } from '@pipelines/pipeline';
import { redactCredential, WarehouseAccess } from '../execution/warehouse-access.ts';
import { RunMetrics } from '../metrics/run-metrics.ts';
import { StagingAreas, type Leftover } from './staging-areas.ts';

const EVERY_MS = 60_000;
const BATCH = 20;

/** Removes from the warehouse what killed attempts staged, or what could not be removed in its time. */
@Injectable()
export class StagingSweeper implements OnModuleDestroy {
  private readonly logger = new Logger(StagingSweeper.name);
  private readonly stopping = new AbortController();
  private sweeping = false;

  constructor(
    private readonly areas: StagingAreas,
    private readonly warehouse: Warehouse,
    private readonly access: WarehouseAccess,
    private readonly metrics: RunMetrics,
  ) {}

  onModuleDestroy(): void {
    this.stopping.abort();
  }

  /** Batch after batch until nothing is left. Every worker does so; each leftover goes to one of them. */
  @Interval(EVERY_MS)
  async sweep(): Promise<void> {
    if (this.sweeping) return;
    this.sweeping = true;
    try {
      let leftovers: readonly Leftover[];
      do {
        leftovers = await this.areas.takeLeftovers(BATCH);
        for (const leftover of leftovers) await this.remove(leftover);
      } while (leftovers.length === BATCH && !this.stopping.signal.aborted);
    } catch (error) {
      this.logger.error({
        msg: 'Removing left-over staging did not succeed; it is tried again.',
        err: error,
      });
    } finally {
      this.sweeping = false;
    }
  }

  private async remove(leftover: Leftover): Promise<void> {
    const { runId, attempt, org, target, expired } = leftover;
    if (this.stopping.signal.aborted) return;
    let credential: WarehouseCredential | undefined;
    try {
      credential = await this.access.credentialOf(org, target);
      await this.warehouse.discard({ ...leftover, credential, signal: this.stopping.signal });
      this.metrics.leftoverRemoved();
    } catch (error) {
      this.logger.warn({
        msg: `Run ${runId}: what attempt ${attempt} staged is still there and ${expired ? 'expires by itself' : 'is removed later'}.`,
        err: redactCredential(error, credential),
      });
      if (!expired) return;
    }
    await this.areas.strike(leftover);
  }
}
