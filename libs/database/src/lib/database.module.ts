import { Module, type DynamicModule } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { DatabaseClock } from './database-clock.ts';
import { DatabasePulse } from './database-pulse.ts';
import { dataSourceOptions } from './data-source.ts';
import { DurabilityCheck } from './durability-check.ts';
import { migrateDatabase } from './migrate.ts';
import { PoolSockets } from './pool-sockets.ts';

/** Where the database is and how much of it this process may use. */
export interface DatabaseOptions {
  readonly url: string;
  /** Connections of this process's pool, the queue's own not counted. Default 10. */
  readonly poolSize?: number;
  /** Where the sockets of the process's other connections to the database are kept, which are given up with its own. */
  readonly sockets?: PoolSockets;
  /** The longest that a statement may take. Default 30 000. */
  readonly answerTimeoutMs?: number;
}

/** Global: the migrated database, through TypeORM, with the entities that each lib registers, and its clock. */
@Module({})
export class DatabaseModule {
  static forRoot({
    url,
    poolSize = 10,
    sockets = new PoolSockets(),
    answerTimeoutMs = 30_000,
  }: DatabaseOptions): DynamicModule {
    return {
      module: DatabaseModule,
      global: true,
      imports: [
        TypeOrmModule.forRootAsync({
          useFactory: async () => {
            await migrateDatabase(url);
            return {
              ...dataSourceOptions(url),
              autoLoadEntities: true,
              poolSize,
              applicationName: 'pipelines',
              connectTimeoutMS: 1_500,
              extra: { keepAlive: true, query_timeout: answerTimeoutMs, stream: sockets.create },
            };
          },
        }),
      ],
      providers: [
        DatabaseClock,
        DurabilityCheck,
        { provide: DatabasePulse, useFactory: () => new DatabasePulse(url, sockets) },
      ],
      exports: [DatabaseClock],
    };
  }
}
