import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { durabilityWarnings, type DurabilitySettings } from './durability.ts';

/**
 * Tells the operator once, at start, when the database may lose what it has confirmed. The settings are read as the
 * service's own sessions see them, so that those of the role and of the database count.
 */
@Injectable()
export class DurabilityCheck implements OnModuleInit {
  private readonly logger = new Logger(DurabilityCheck.name);

  constructor(private readonly dataSource: DataSource) {}

  async onModuleInit(): Promise<void> {
    const [settings] = await this.dataSource.query<DurabilitySettings[]>(
      `SELECT current_setting('fsync') AS fsync, current_setting('synchronous_commit') AS synchronous_commit,
         current_setting('full_page_writes') AS full_page_writes`,
    );
    for (const warning of durabilityWarnings(settings!)) this.logger.warn(warning);
  }
}
