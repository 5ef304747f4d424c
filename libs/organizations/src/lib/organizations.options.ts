/** Settings of the organizations lib. */
export interface OrganizationsOptions {
  /** True when plans are kept in our own tables, false when a Supabase database owns them. */
  readonly managesSubscriptions: boolean;
  /** `schema.name` of the relation that plans are read from; created as a view when we manage them. */
  readonly subscriptionsRelation: string;
}

/** Injection token of {@link OrganizationsOptions}. */
export const ORGANIZATIONS_OPTIONS = Symbol('ORGANIZATIONS_OPTIONS');
