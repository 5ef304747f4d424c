import { Module, type DynamicModule } from '@nestjs/common';
import { PlanReader } from './plan.reader.ts';
import { QUOTA_OPTIONS, type QuotaOptions } from './quota.options.ts';
import { QuotaReader } from './quota.reader.ts';
import { UsageReader } from './usage.reader.ts';

/** Plans and what was used of them. */
@Module({})
export class QuotaModule {
  static forRoot(options: QuotaOptions): DynamicModule {
    return {
      module: QuotaModule,
      global: true,
      providers: [{ provide: QUOTA_OPTIONS, useValue: options }, PlanReader, UsageReader, QuotaReader],
      exports: [PlanReader, UsageReader, QuotaReader],
    };
  }
}
