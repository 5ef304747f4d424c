import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Organizations with their keys, plans, credentials and usage counters, and the runs.
 *
 * Timestamps keep milliseconds, so that a value that went through JavaScript still compares equal. The lease is in no
 * index, so that its frequent renewal stays a heap-only update.
 */
export class InitialSchema1700000000001 implements MigrationInterface {
  readonly name = 'InitialSchema1700000000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- Every day and month of the limits is told from this clock; tests put another one in its place.
      CREATE FUNCTION pipelines.utc_now() RETURNS timestamptz LANGUAGE sql STABLE AS 'SELECT now()';

      CREATE TABLE pipelines.organizations (
        slug        text PRIMARY KEY CHECK (slug ~ '^[a-z][a-z0-9_]{1,47}$'),
        name        text NOT NULL,
        created_at  timestamptz(3) NOT NULL DEFAULT now(),
        updated_at  timestamptz(3) NOT NULL DEFAULT now()
      );

      CREATE TABLE pipelines.subscriptions (
        org_slug          text PRIMARY KEY REFERENCES pipelines.organizations,
        status            text NOT NULL,
        trial_ends_at     timestamptz(3),
        daily_limit       integer CHECK (daily_limit >= 0),
        monthly_limit     integer CHECK (monthly_limit >= 0),
        concurrent_limit  integer CHECK (concurrent_limit >= 0)
      );

      CREATE TABLE pipelines.api_keys (
        id          uuid PRIMARY KEY,
        org_slug    text NOT NULL REFERENCES pipelines.organizations,
        prefix      text NOT NULL UNIQUE,
        hash        bytea NOT NULL,
        scopes      text[] NOT NULL,
        created_at  timestamptz(3) NOT NULL DEFAULT now(),
        revoked_at  timestamptz(3)
      );

      CREATE TABLE pipelines.credentials (
        org_slug     text NOT NULL REFERENCES pipelines.organizations,
        provider     text NOT NULL,
        name         text NOT NULL,
        version      integer NOT NULL,
        ciphertext   bytea NOT NULL,
        iv           bytea NOT NULL,
        tag          bytea NOT NULL,
        wrapped_key  bytea NOT NULL,
        kek_uri      text NOT NULL,
        created_at   timestamptz(3) NOT NULL DEFAULT now(),
        updated_at   timestamptz(3) NOT NULL DEFAULT now(),
        PRIMARY KEY (org_slug, provider, name)
      );

      CREATE TABLE pipelines.usage_counters (
        org_slug          text PRIMARY KEY REFERENCES pipelines.organizations,
        day               date NOT NULL,
        daily_count       integer NOT NULL DEFAULT 0 CHECK (daily_count >= 0),
        monthly_count     integer NOT NULL DEFAULT 0 CHECK (monthly_count >= 0),
        concurrent_count  integer NOT NULL DEFAULT 0 CHECK (concurrent_count >= 0),
        completed_count   bigint NOT NULL DEFAULT 0,
        failed_count      bigint NOT NULL DEFAULT 0
      ) WITH (fillfactor = 50);

      CREATE TABLE pipelines.runs (
        id                uuid PRIMARY KEY,
        org_slug          text NOT NULL REFERENCES pipelines.organizations,
        provider          text NOT NULL,
        domain            text NOT NULL,
        pipeline          text NOT NULL,
        status            text NOT NULL CHECK (status IN ('pending', 'validating', 'running', 'completed', 'failed')),
        reason            text,
        attempt           integer NOT NULL DEFAULT 0,
        retries           integer NOT NULL DEFAULT 0,
        lost_attempts     integer NOT NULL DEFAULT 0,
        next_attempt_at   timestamptz(3),
        window_start      date NOT NULL,
        window_end        date NOT NULL CHECK (window_end > window_start),
        config_hash       text,
        retry_of          uuid,
        backfill_id       uuid,
        scheduled_for     timestamptz(3),
        counted_on        date NOT NULL,
        refunded          boolean NOT NULL DEFAULT false,
        cancel_requested  boolean NOT NULL DEFAULT false,
        rows_extracted    bigint NOT NULL DEFAULT 0,
        rows_loaded       bigint NOT NULL DEFAULT 0,
        proof             jsonb,
        receipt           jsonb,
        error_code        text,
        error_message     text,
        pending_at        timestamptz(3) NOT NULL DEFAULT now(),
        validating_at     timestamptz(3),
        running_at        timestamptz(3),
        finished_at       timestamptz(3),
        lease_expires_at  timestamptz(3),
        CHECK ((status IN ('completed', 'failed')) = (finished_at IS NOT NULL)),
        CHECK ((status = 'failed') = (error_code IS NOT NULL)),
        CHECK (status <> 'completed' OR receipt IS NOT NULL)
      ) WITH (fillfactor = 70);

      CREATE TABLE pipelines.idempotency_keys (
        org_slug      text NOT NULL REFERENCES pipelines.organizations,
        key           text NOT NULL,
        request_hash  bytea NOT NULL,
        run_id        uuid NOT NULL REFERENCES pipelines.runs DEFERRABLE INITIALLY DEFERRED,
        created_at    timestamptz(3) NOT NULL DEFAULT now(),
        PRIMARY KEY (org_slug, key)
      );

      CREATE INDEX idempotency_keys_age ON pipelines.idempotency_keys (created_at);
      CREATE INDEX runs_history ON pipelines.runs (org_slug, pending_at DESC, id DESC);
      CREATE UNIQUE INDEX runs_once_per_backfill ON pipelines.runs (backfill_id, window_start) WHERE backfill_id IS NOT NULL;
      CREATE UNIQUE INDEX runs_once_per_occurrence ON pipelines.runs (org_slug, provider, domain, pipeline, scheduled_for)
        WHERE scheduled_for IS NOT NULL;
      CREATE INDEX runs_waiting ON pipelines.runs (org_slug) WHERE status = 'pending';
      CREATE INDEX runs_leased ON pipelines.runs (org_slug) WHERE status IN ('validating', 'running');
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP TABLE pipelines.idempotency_keys, pipelines.runs, pipelines.usage_counters, pipelines.credentials, pipelines.api_keys,
        pipelines.subscriptions, pipelines.organizations;
      DROP FUNCTION pipelines.utc_now();
    `);
  }
}
