import 'reflect-metadata';
import { Global, Module, type DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ConfigResolverModule } from '@pipelines/config-resolver';
import { CredentialsModule } from '@pipelines/credentials';
import { DatabaseModule } from '@pipelines/database';
import { OrganizationsModule } from '@pipelines/organizations';
import { ProcessorsModule, Warehouse } from '@pipelines/pipeline';
import { QueueModule } from '@pipelines/queue';
import { QuotaModule } from '@pipelines/quota';
import { RunsModule } from '@pipelines/runs';
import { MemoryWarehouse } from '@pipelines/runs/testing';
import { NoopProviderModule } from './noop-provider.ts';

const { DATABASE_URL: url, CREDENTIALS_KEY: key, CONCURRENCY: concurrency } = process.env;
const PLANS = 'public.subscription_limits';

@Global()
@Module({ providers: [{ provide: Warehouse, useClass: MemoryWarehouse }], exports: [Warehouse] })
class MemoryWarehouseModule {}

/** The service's worker, but for its providers and its warehouse. */
@Module({
  imports: [
    DatabaseModule.forRoot({ url: url! }),
    QueueModule.forRoot({ url: url! }),
    QuotaModule.forRoot({ supabaseUrl: url!, subscriptionsRelation: PLANS }),
    ProcessorsModule,
    NoopProviderModule,
    everywhere(ConfigResolverModule.forRoot({ directory: 'configs', env: 'bench' })),
    everywhere(OrganizationsModule.forRoot({ managesSubscriptions: false, subscriptionsRelation: PLANS })),
    everywhere(CredentialsModule.forRoot({ keyEncryptionKey: Buffer.from(key!, 'base64') })),
    MemoryWarehouseModule,
    RunsModule.forRoot({
      executes: true,
      archiveAfterDays: 90,
      concurrency: Number(concurrency),
      shutdownGraceMs: 5_000,
    }),
  ],
})
class NoopWorkerModule {}

function everywhere(module: DynamicModule): DynamicModule {
  return { ...module, global: true };
}

const app = await NestFactory.createApplicationContext(NoopWorkerModule, { logger: ['error', 'fatal'] });
process.once('SIGTERM', () => void app.close().then(() => process.exit(0)));
process.send?.('ready');
