import { Global, Module, type DynamicModule } from '@nestjs/common';
import { QUEUE_OPTIONS, type QueueOptions } from './queue.options.ts';
import { RunQueue } from './run-queue.ts';

/** Global: the one queue of the process. */
@Global()
@Module({})
export class QueueModule {
  static forRoot(options: QueueOptions): DynamicModule {
    return {
      module: QueueModule,
      providers: [{ provide: QUEUE_OPTIONS, useValue: options }, RunQueue],
      exports: [RunQueue],
    };
  }
}
