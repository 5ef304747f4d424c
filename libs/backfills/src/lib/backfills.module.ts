import { Module } from '@nestjs/common';
import { BackfillDriver } from './backfill.driver.ts';
import { BackfillStore } from './backfill.store.ts';
import { Backfills } from './backfills.ts';

/** Backfills, and what brings them forward. Runs, catalog, quota and database come from the application. */
@Module({ providers: [BackfillStore, BackfillDriver, Backfills], exports: [Backfills] })
export class BackfillsModule {}
