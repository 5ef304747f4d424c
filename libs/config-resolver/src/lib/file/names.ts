/** A segment of a pipeline's identity, and the name of a credential. */
export const SEGMENT = /^[a-z][a-z0-9_]*$/;

/** A pipeline's identity, as `provider/domain/pipeline`. */
export const PIPELINE_PATH = /^[a-z][a-z0-9_]*\/[a-z][a-z0-9_]*\/[a-z][a-z0-9_]*$/;

/**
 * A dataset, table or column. Lower case alone, because BigQuery tells `Costs` from `costs` and DuckDB does not.
 */
export const IDENTIFIER = /^[a-z][a-z0-9_]{0,127}$/;

/**
 * The dataset of every target, before templates are substituted. The fixed beginning is what keeps tenants apart:
 * slugs may hold underscores, so with `raw_{{org_slug}}_{{env}}` beside `{{org_slug}}_{{env}}` the organizations
 * `acme` and `raw_acme` would share a dataset.
 */
export const DATASET = /^\{\{\s*org_slug\s*\}\}_\{\{\s*env\s*\}\}(?:_[a-z0-9]+)*$/;

/** `{{env}}`. Without an underscore, so that `{{org_slug}}_{{env}}` is the same for no two pairs. */
export const ENVIRONMENT = /^[a-z][a-z0-9]{1,15}$/;
