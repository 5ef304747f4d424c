import { Inject, Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type { Repository } from 'typeorm';
import { PreparedStatement } from '@pipelines/database';
import { PipelineError, type WarehousePlace } from '@pipelines/pipeline';
import { OrganizationEntity } from './organization.entity.ts';
import { ORGANIZATIONS_OPTIONS, type OrganizationsOptions } from './organizations.options.ts';

/** A plan as this service keeps it when no Supabase does. A null limit is unlimited. */
export interface Subscription {
  readonly status: string;
  readonly trialEndsAt: Date | null;
  readonly dailyLimit: number | null;
  readonly monthlyLimit: number | null;
  readonly concurrentLimit: number | null;
}

/**
 * One statement, so that an organization never exists without its usage counter, nor with half of its change.
 * A null status leaves the subscription as it is, and without $10 the warehouse's place stays, too.
 */
const PUT_ORGANIZATION = `
  WITH organization AS (
    INSERT INTO pipelines.organizations AS stored (slug, name, warehouse_project, warehouse_location)
    VALUES ($1, $2, $8, $9)
    ON CONFLICT (slug) DO UPDATE SET
      name = EXCLUDED.name, updated_at = now(),
      warehouse_project = CASE WHEN $10 THEN EXCLUDED.warehouse_project ELSE stored.warehouse_project END,
      warehouse_location = CASE WHEN $10 THEN EXCLUDED.warehouse_location ELSE stored.warehouse_location END
    RETURNING slug
  ), counter AS (
    INSERT INTO pipelines.usage_counters (org_slug, day)
    SELECT slug, (pipelines.utc_now() AT TIME ZONE 'UTC')::date FROM organization
    ON CONFLICT (org_slug) DO NOTHING
  )
  INSERT INTO pipelines.subscriptions
    (org_slug, status, trial_ends_at, daily_limit, monthly_limit, concurrent_limit)
  SELECT slug, $3, $4, $5, $6, $7 FROM organization WHERE $3::text IS NOT NULL
  ON CONFLICT (org_slug) DO UPDATE SET
    status = EXCLUDED.status, trial_ends_at = EXCLUDED.trial_ends_at, daily_limit = EXCLUDED.daily_limit,
    monthly_limit = EXCLUDED.monthly_limit, concurrent_limit = EXCLUDED.concurrent_limit`;

const EXISTS = new PreparedStatement(
  'organization_exists',
  'SELECT FROM pipelines.organizations WHERE slug = $1',
);

/** The organizations of this installation and, where no Supabase owns them, their subscriptions. */
@Injectable()
export class OrganizationStore {
  /** Organizations are never deleted: one that was found once need not be looked for again. */
  private readonly known = new Set<string>();

  constructor(
    @InjectRepository(OrganizationEntity) private readonly organizations: Repository<OrganizationEntity>,
    @Inject(ORGANIZATIONS_OPTIONS) private readonly options: OrganizationsOptions,
  ) {}

  /**
   * Creates the organization or changes it. A subscription or place that is left out stays as it is; what a given place
   * leaves out is the service's own from then on. Runs under way finish where they began, and what was loaded before
   * stays where it is.
   * @throws PipelineError `plan_managed_by_supabase` when a subscription is given but plans live in Supabase.
   */
  async put(
    slug: string,
    name: string,
    subscription?: Subscription,
    warehouse?: WarehousePlace,
  ): Promise<void> {
    if (subscription && !this.options.managesSubscriptions) {
      throw new PipelineError(
        'plan_managed_by_supabase',
        'Subscriptions are read from the Supabase database: change the plan there and leave out "subscription" here.',
      );
    }
    await this.organizations.query(PUT_ORGANIZATION, [
      slug,
      name,
      subscription?.status ?? null,
      subscription?.trialEndsAt ?? null,
      subscription?.dailyLimit ?? null,
      subscription?.monthlyLimit ?? null,
      subscription?.concurrentLimit ?? null,
      warehouse?.project ?? null,
      warehouse?.location ?? null,
      warehouse !== undefined,
    ]);
  }

  /** @throws PipelineError `organization_not_found` */
  async requireExisting(slug: string): Promise<void> {
    if (this.known.has(slug)) return;
    const { affected } = await EXISTS.run(this.organizations.manager.dataSource, [slug]);
    if (affected === 0) throw organizationNotFound(slug);
    this.known.add(slug);
  }
}

/** The same answer for an unknown organization and for one that the caller's key does not belong to. */
export function organizationNotFound(slug: string): PipelineError {
  return new PipelineError('organization_not_found', `There is no organization "${slug}" for this API key.`);
}
