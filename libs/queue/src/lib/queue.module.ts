import { Global, Module, type DynamicModule } from '@nestjs/common';
import { Boss } from './boss.ts';
import { QUEUE_OPTIONS, type QueueOptions } from './queue.options.ts';
import { RunQueue } from './run-queue.ts';
import { ScheduleQueue } from './schedule-queue.ts';

/** Global: the queues of the process. */
@Global()
@Module({})
export class QueueModule {
  static forRoot(options: QueueOptions): DynamicModule {
    return {
      module: QueueModule,
      providers: [{ provide: QUEUE_OPTIONS, useValue: options }, Boss, RunQueue, ScheduleQueue],
      exports: [RunQueue, ScheduleQueue],
    };
  }
}
