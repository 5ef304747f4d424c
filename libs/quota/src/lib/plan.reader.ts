import { Inject, Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { Pool, type QueryConfig, type QueryResult } from 'pg';
import { PipelineError } from '@pipelines/pipeline';
import type { Plan } from './plan.ts';
import { QUOTA_OPTIONS, type QuotaOptions } from './quota.options.ts';

interface PlanRow {
  status: string | null;
  trial_ends_at: Date | null;
  trial_ended: boolean;
  daily_limit: number | null;
  monthly_limit: number | null;
  concurrent_limit: number | null;
}

const LIMITS = ['daily_limit', 'monthly_limit', 'concurrent_limit'];
/** Counters are 32-bit; an operator's column may be wider. LEAST would take a null for no operand. */
const MAX_LIMIT = 2_147_483_647;
const TIMEOUT_MS = 2_000;
const RETRY_AFTER_MS = 5_000;

/**
 * Reads plans from Supabase. Every admission asks anew, because Supabase is the source of truth and a change there
 * is to count from the next request on.
 */
@Injectable()
export class PlanReader implements OnApplicationShutdown {
  private readonly logger = new Logger(PlanReader.name);
  private readonly pool: Pool;
  private readonly statement: Pick<QueryConfig, 'name' | 'text'>;

  constructor(
    @Inject(QUOTA_OPTIONS)
    { supabaseUrl, subscriptionsRelation, keepsPreparedStatements = false, poolSize = 5 }: QuotaOptions,
  ) {
    this.pool = new Pool({
      connectionString: supabaseUrl,
      max: poolSize,
      application_name: 'pipelines-plans',
      connectionTimeoutMillis: TIMEOUT_MS,
      query_timeout: TIMEOUT_MS,
    });
    // Without a listener, a connection that drops while idle would end the process.
    this.pool.on('error', (error) => this.logger.warn(`Idle Supabase connection lost: ${error.message}`));
    // The types are ours, so that a prepared statement outlives those of the operator's columns.
    const text = `
      SELECT status::text, trial_ends_at::timestamptz, coalesce(trial_ends_at <= now(), false) AS trial_ended,
        ${LIMITS.map((limit) => `CASE WHEN ${limit} IS NOT NULL THEN least(${limit}, ${MAX_LIMIT})::int END AS ${limit}`).join(', ')}
      FROM ${subscriptionsRelation} WHERE org_slug = $1 LIMIT 2`;
    this.statement = { name: keepsPreparedStatements ? 'read_plan' : undefined, text };
  }

  /**
   * @throws PipelineError `subscription_inactive` when there is no row, `plan_unavailable` (transient) when Supabase
   * does not answer, the relation is missing, or the organization has several rows.
   */
  async read(org: string): Promise<Plan> {
    const { rows } = await this.query(org);
    const [row, second] = rows;
    if (!row) {
      throw new PipelineError(
        'subscription_inactive',
        `"${org}" has no subscription: no row of the plans relation names it.`,
      );
    }
    if (second) {
      throw new PipelineError(
        'plan_unavailable',
        `"${org}" has more than one subscription row; one is expected.`,
        { retryAfterMs: RETRY_AFTER_MS },
      );
    }
    return {
      org,
      status: row.status ?? '',
      trialEndsAt: row.trial_ends_at,
      trialEnded: row.trial_ended,
      dailyLimit: row.daily_limit,
      monthlyLimit: row.monthly_limit,
      concurrentLimit: row.concurrent_limit,
    };
  }

  async onApplicationShutdown(): Promise<void> {
    await this.pool.end();
  }

  private async query(org: string): Promise<QueryResult<PlanRow>> {
    try {
      return await this.pool.query<PlanRow>({ ...this.statement, values: [org] });
    } catch (error) {
      throw new PipelineError(
        'plan_unavailable',
        'The subscription could not be read; nothing was started.',
        {
          cause: error,
          operatorDetail: error instanceof Error ? error.message : String(error),
          retryAfterMs: RETRY_AFTER_MS,
        },
      );
    }
  }
}
