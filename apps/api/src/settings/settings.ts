import { Transform } from 'class-transformer';
import { IsIn, IsInt, IsOptional, Matches, Max, Min, MinLength, ValidateIf } from 'class-validator';
import { IsBase64Key } from './is-base64-key.ts';
import { Setting } from './setting.decorator.ts';

const toInteger = Transform(({ value }) =>
  typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value,
);
const HTTP_URL = { message: '$property must be an http:// or https:// URL, but is "$value"' };
const POSTGRES_URL = { message: '$property must be a postgres:// URL' };
const isPostgresUrl = Matches(/^postgres(ql)?:\/\/\S+$/, POSTGRES_URL);
const isHttpUrl = Matches(/^https?:\/\/[^\s/]\S*$/, HTTP_URL);
/** Secrets of our own making exist in embedded mode alone. */
const requiredWithoutEmbeddedPostgres = ValidateIf(
  (settings: Settings, value) => settings.DATABASE_URL !== undefined || value !== undefined,
);

/** Every setting of the service; the only place where the environment is read. */
export class Settings {
  @Setting('Port of the HTTP API.')
  @toInteger
  @IsInt()
  @Min(1)
  @Max(65535)
  PORT = 8001;

  @Setting('Address that the HTTP API listens on.')
  @Matches(/^\S+$/)
  HOST = '127.0.0.1';

  @Setting(
    '`api` admits runs, `worker` executes them, `all` does both. A worker serves its health and metrics alone; several on one machine need a `PORT` each.',
  )
  @IsIn(['all', 'api', 'worker'])
  ROLE: 'all' | 'api' | 'worker' = 'all';

  @Setting('The `{{env}}` of configuration templates: lower-case letters and digits.')
  @Matches(/^[a-z][a-z0-9]{1,15}$/, {
    message: '$property must match ^[a-z][a-z0-9]{1,15}$, but is "$value"',
  })
  APP_ENV = 'dev';

  @Setting('Directory of everything that embedded mode keeps.')
  @Matches(/\S/)
  DATA_DIR = '.data';

  @Setting(
    'PostgreSQL 15 or newer for runs, queue and organizations; a session-mode or direct URL. Unset: embedded mode, with a PostgreSQL of its own under `DATA_DIR`.',
    'embedded PostgreSQL',
  )
  @IsOptional()
  @isPostgresUrl
  DATABASE_URL?: string;

  @Setting('Database that holds the plans, only read.', '`DATABASE_URL`')
  @IsOptional()
  @isPostgresUrl
  SUPABASE_DB_URL?: string;

  @Setting('Table or view with one plan per organization, as `schema.name`.')
  @Matches(/^[a-z_][a-z0-9_]*\.[a-z_][a-z0-9_]*$/, {
    message: '$property must be schema.name in lower case, but is "$value"',
  })
  SUBSCRIPTIONS_RELATION = 'public.subscription_limits';

  @Setting('Where loads go: `duckdb` (a local file) or `bigquery`.')
  @IsIn(['duckdb', 'bigquery'])
  WAREHOUSE: 'duckdb' | 'bigquery' = 'duckdb';

  @Setting('The DuckDB file.', '`DATA_DIR`/warehouse.duckdb')
  @IsOptional()
  @Matches(/\S/)
  DUCKDB_PATH?: string;

  @Setting(
    'Google Cloud project that holds the datasets, of organizations that have none of their own; required by `WAREHOUSE=bigquery`.',
    'none',
  )
  @ValidateIf((settings: Settings, value) => settings.WAREHOUSE === 'bigquery' || value !== undefined)
  @Matches(/^[a-z0-9.:-]{4,}$/, {
    message: '$property must name the Google Cloud project when WAREHOUSE is bigquery',
  })
  BIGQUERY_PROJECT?: string;

  @Setting('Location of the datasets, of organizations that have none of their own.')
  @Matches(/^[A-Za-z0-9-]+$/)
  BIGQUERY_LOCATION = 'US';

  @Setting('Bytes that one query may bill at most; one that needs more is refused before it runs. 1 TiB.')
  @toInteger
  @IsInt()
  @Min(1)
  @Max(Number.MAX_SAFE_INTEGER)
  BIGQUERY_MAXIMUM_BYTES_BILLED = 1_099_511_627_776;

  @Setting('Another endpoint of the BigQuery API, such as an emulator on this machine.', 'the real one')
  @IsOptional()
  @isHttpUrl
  BIGQUERY_API_ENDPOINT?: string;

  @Setting('Directory of the pipeline configurations.')
  @Matches(/\S/)
  CONFIGS_DIR = 'configs';

  @Setting(
    'Key that encrypts credentials: 32 bytes in base64 (`openssl rand -base64 32`). Required with `DATABASE_URL`.',
    'embedded mode: a key file under `DATA_DIR`',
  )
  @requiredWithoutEmbeddedPostgres
  @IsBase64Key(32, {
    message: '$property must be 32 bytes in base64; make one with: openssl rand -base64 32',
  })
  CREDENTIALS_KEY?: string;

  @Setting(
    'Key of the administration, at least 24 characters. Required with `DATABASE_URL`.',
    'embedded mode: a key file under `DATA_DIR`',
  )
  @requiredWithoutEmbeddedPostgres
  @MinLength(24, {
    message: '$property must have at least 24 characters; make one with: openssl rand -base64 32',
  })
  ROOT_API_KEY?: string;

  @Setting('Base URL of the OpenAI API, with its version.', 'https://api.openai.com/v1')
  @IsOptional()
  @isHttpUrl
  OPENAI_BASE_URL?: string;

  @Setting('Base URL of the Anthropic API, without its version.', 'https://api.anthropic.com')
  @IsOptional()
  @isHttpUrl
  ANTHROPIC_BASE_URL?: string;

  @Setting(
    'Base URL of the Cloud Billing Catalog API, with its version.',
    'https://cloudbilling.googleapis.com/v1',
  )
  @IsOptional()
  @isHttpUrl
  GCP_BILLING_CATALOG_BASE_URL?: string;

  @Setting('Token endpoint for Google service accounts.', 'https://oauth2.googleapis.com/token')
  @IsOptional()
  @isHttpUrl
  GCP_TOKEN_URL?: string;

  @Setting('Runs that one process executes at once.')
  @toInteger
  @IsInt()
  @Min(1)
  @Max(500)
  WORKER_CONCURRENCY = 4;

  @Setting(
    'Seconds that a stopping process lets its runs finish before it gives them back, and then its requests before it cuts them off.',
  )
  @toInteger
  @IsInt()
  @Min(0)
  @Max(3600)
  SHUTDOWN_GRACE_S = 10;

  @Setting('Days after its end that a run is moved to the archive, where the API still finds it.')
  @toInteger
  @IsInt()
  @Min(1)
  @Max(36_500)
  RUN_ARCHIVE_AFTER_DAYS = 90;

  @Setting('`fatal`, `error`, `warn`, `info`, `debug`, `trace` or `silent`.')
  @IsIn(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
  LOG_LEVEL = 'info';
}
