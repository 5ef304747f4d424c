import { Injectable, Logger } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { DataSource } from 'typeorm';
import { forgetExpiredKeys } from './idempotency.ts';

const EVERY_MS = 15 * 60_000;

/** Keeps the table of idempotency keys as small as a day's requests. */
@Injectable()
export class IdempotencyKeyExpiry {
  private readonly logger = new Logger(IdempotencyKeyExpiry.name);

  constructor(private readonly dataSource: DataSource) {}

  @Interval(EVERY_MS)
  async expire(): Promise<void> {
    try {
      await forgetExpiredKeys(this.dataSource);
    } catch (error) {
      this.logger.error({ msg: 'Old idempotency keys were not removed; it is tried again.', err: error });
    }
  }
}
