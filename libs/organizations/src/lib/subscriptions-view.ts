import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { ORGANIZATIONS_OPTIONS, type OrganizationsOptions } from './organizations.options.ts';

/**
 * Publishes our own subscriptions under the relation that plans are read from, so that admission reads a plan in
 * one way whoever owns it. Against an operator's own Supabase it creates nothing.
 */
@Injectable()
export class SubscriptionsView implements OnModuleInit {
  constructor(
    private readonly dataSource: DataSource,
    @Inject(ORGANIZATIONS_OPTIONS) private readonly options: OrganizationsOptions,
  ) {}

  async onModuleInit(): Promise<void> {
    if (!this.options.managesSubscriptions) return;
    await this.dataSource.query(`
      CREATE OR REPLACE VIEW ${this.options.subscriptionsRelation} AS
      SELECT org_slug, status, trial_ends_at, daily_limit, monthly_limit, concurrent_limit
      FROM pipelines.subscriptions`);
  }
}
