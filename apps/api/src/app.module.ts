import { Module, type DynamicModule } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_PIPE } from '@nestjs/core';
import { BackfillsModule } from '@pipelines/backfills';
import { CredentialsModule } from '@pipelines/credentials';
import { DatabaseModule, PoolSockets } from '@pipelines/database';
import { OrganizationsModule } from '@pipelines/organizations';
import { QueueModule } from '@pipelines/queue';
import { QuotaModule } from '@pipelines/quota';
import { RunsModule } from '@pipelines/runs';
import { SchedulesModule } from '@pipelines/schedules';
import { AccessGuard, ROOT_API_KEY_HASH, sha256 } from './access/access.guard.ts';
import { BackfillsController } from './backfills/backfills.controller.ts';
import { catalogModules } from './catalog-modules.ts';
import { CredentialsController } from './credentials/credentials.controller.ts';
import { HealthController } from './health/health.controller.ts';
import { loggerModule } from './http/logger.module.ts';
import { ProblemFilter } from './http/problem.filter.ts';
import { validationPipe } from './http/validation.pipe.ts';
import { MetricsController } from './metrics/metrics.controller.ts';
import { OrganizationsController } from './organizations/organizations.controller.ts';
import { QuotaController } from './quota/quota.controller.ts';
import { RateLimits } from './quota/rate-limits.ts';
import { RunAnswers } from './runs/run-answers.ts';
import { RunControlController } from './runs/run-control.controller.ts';
import { RunsController } from './runs/runs.controller.ts';
import { SchedulesController } from './schedules/schedules.controller.ts';
import type { ServiceParts } from './service-parts.ts';
import { warehouseModule } from './warehouse-module.ts';

/** What every process serves, and all that a worker does. */
const PROCESS_CONTROLLERS = [HealthController, MetricsController];

/** What the API serves beside that. */
const API_CONTROLLERS = [
  RunsController,
  RunControlController,
  BackfillsController,
  SchedulesController,
  QuotaController,
  OrganizationsController,
  CredentialsController,
];

/** The service: which libs it is made of, and with what settings. */
@Module({})
export class AppModule {
  static forRoot(parts: ServiceParts): DynamicModule {
    const { settings, endpoints } = parts;
    const sockets = new PoolSockets();
    return {
      module: AppModule,
      imports: [
        loggerModule(settings.LOG_LEVEL),
        DatabaseModule.forRoot({ url: parts.databaseUrl, sockets }),
        QueueModule.forRoot({ url: parts.databaseUrl, stream: sockets.create }),
        everywhere(
          OrganizationsModule.forRoot({
            managesSubscriptions: parts.managesSubscriptions,
            subscriptionsRelation: settings.SUBSCRIPTIONS_RELATION,
          }),
        ),
        QuotaModule.forRoot({
          supabaseUrl: parts.supabaseUrl,
          keepsPreparedStatements: parts.supabaseUrl === parts.databaseUrl,
          subscriptionsRelation: settings.SUBSCRIPTIONS_RELATION,
        }),
        ...catalogModules(settings, endpoints),
        everywhere(CredentialsModule.forRoot({ keyEncryptionKey: parts.credentialsKey })),
        everywhere(warehouseModule(settings, parts.duckdbPath)),
        everywhere(
          RunsModule.forRoot({
            executes: settings.ROLE !== 'api',
            concurrency: settings.WORKER_CONCURRENCY,
            shutdownGraceMs: settings.SHUTDOWN_GRACE_S * 1000,
            archiveAfterDays: settings.RUN_ARCHIVE_AFTER_DAYS,
          }),
        ),
        BackfillsModule,
        SchedulesModule,
      ],
      controllers: [...PROCESS_CONTROLLERS, ...(settings.ROLE === 'worker' ? [] : API_CONTROLLERS)],
      providers: [
        { provide: ROOT_API_KEY_HASH, useValue: sha256(parts.rootApiKey) },
        { provide: APP_GUARD, useClass: AccessGuard },
        { provide: APP_FILTER, useClass: ProblemFilter },
        { provide: APP_PIPE, useValue: validationPipe },
        RateLimits,
        RunAnswers,
      ],
    };
  }
}

/** A lib that others need but, being one of several possible or configured here, cannot import themselves. */
function everywhere(module: DynamicModule): DynamicModule {
  return { ...module, global: true };
}
