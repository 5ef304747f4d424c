/** Where plans are read from. */
export interface QuotaOptions {
  /** PostgreSQL URL of the database that holds the plans; Supabase's, or our own. */
  readonly supabaseUrl: string;
  /** `schema.name` of the relation with one row per organization. */
  readonly subscriptionsRelation: string;
  /** Whether its connections keep prepared statements, which those of some poolers do not. Default false. */
  readonly keepsPreparedStatements?: boolean;
  /** Connections of this process to the plans' database. Default 5. */
  readonly poolSize?: number;
}

/** Injection token of {@link QuotaOptions}. */
export const QUOTA_OPTIONS = Symbol('QUOTA_OPTIONS');
