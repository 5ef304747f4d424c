import { Module } from '@nestjs/common';
import { FocusProvider } from './focus.provider.ts';
import { FocusUnifiedProcessor } from './unified/focus-unified.processor.ts';

/** The unified table of every provider's costs. Import beside `ProcessorsModule`. */
@Module({ providers: [FocusProvider, FocusUnifiedProcessor] })
export class UnifiedProcessorsModule {}
