import { Module, type DynamicModule } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { DatabaseClock } from './database-clock.ts';
import { dataSourceOptions } from './data-source.ts';
import { DurabilityCheck } from './durability-check.ts';
import { migrateDatabase } from './migrate.ts';

/** Where the database is and how much of it this process may use. */
export interface DatabaseOptions {
  readonly url: string;
  /** Connections of this process's pool, the queue's own not counted. Default 10. */
  readonly poolSize?: number;
  /**
   * A server that has not answered a statement for this long counts as away, because a connection whose other end is
   * gone without a word would keep its caller for a quarter of an hour. Default 30 000.
   */
  readonly answerTimeoutMs?: number;
}

/** Global: the migrated database, through TypeORM, with the entities that each lib registers, and its clock. */
@Module({})
export class DatabaseModule {
  static forRoot({ url, poolSize = 10, answerTimeoutMs = 30_000 }: DatabaseOptions): DynamicModule {
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
              connectTimeoutMS: 2_000,
              extra: { keepAlive: true, query_timeout: answerTimeoutMs },
            };
          },
        }),
      ],
      providers: [DatabaseClock, DurabilityCheck],
      exports: [DatabaseClock],
    };
  }
}
