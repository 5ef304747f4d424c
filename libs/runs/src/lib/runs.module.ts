import { Module, type DynamicModule } from '@nestjs/common';
import { ScheduleModule } from '@nestjs/schedule';
import { TypeOrmModule } from '@nestjs/typeorm';
import { IdempotencyKeyExpiry } from './admission/idempotency-key.expiry.ts';
import { RunAdmission } from './admission/run-admission.ts';
import { AnyRunEntity } from './archive/any-run.entity.ts';
import { RunArchiver } from './archive/run.archiver.ts';
import { CommitLine } from './execution/commit-line.ts';
import { RunExecutor } from './execution/run.executor.ts';
import { RunLoad } from './execution/run-load.ts';
import { RunWorker } from './execution/run.worker.ts';
import { WarehouseAccess } from './execution/warehouse-access.ts';
import { RunHistory } from './history/run-history.ts';
import { RunGauges } from './metrics/run-gauges.ts';
import { RunMetrics } from './metrics/run-metrics.ts';
import { RunEntity } from './run.entity.ts';
import { RUNS_OPTIONS, type RunsOptions } from './runs.options.ts';
import { RunCancellation } from './settlement/run-cancellation.ts';
import { RunHealer } from './settlement/run.healer.ts';
import { StagingAreas } from './staging/staging-areas.ts';
import { StagingSweeper } from './staging/staging.sweeper.ts';

/** The way of a run: admission → queue → execution → settlement, and its history. */
@Module({})
export class RunsModule {
  static forRoot(options: RunsOptions): DynamicModule {
    const execution = options.executes
      ? [WarehouseAccess, StagingAreas, StagingSweeper, CommitLine, RunLoad, RunExecutor, RunWorker]
      : [];
    return {
      module: RunsModule,
      imports: [TypeOrmModule.forFeature([RunEntity, AnyRunEntity]), ScheduleModule.forRoot()],
      providers: [
        { provide: RUNS_OPTIONS, useValue: options },
        RunMetrics,
        RunGauges,
        RunAdmission,
        RunHistory,
        RunHealer,
        IdempotencyKeyExpiry,
        RunArchiver,
        RunCancellation,
        ...execution,
      ],
      exports: [RunAdmission, RunCancellation, RunHistory, RunMetrics],
    };
  }
}
