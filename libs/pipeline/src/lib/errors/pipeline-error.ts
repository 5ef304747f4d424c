import { ERROR_CATALOG, type ErrorCode, type Fault } from './error-catalog.ts';

/** What a {@link PipelineError} carries beside its code and message. */
export interface PipelineErrorOptions {
  /** The original error; logged, never shown to the tenant. */
  readonly cause?: unknown;
  /** Facts for the log alone: upstream status, job id, file. No secrets, no payloads. */
  readonly operatorDetail?: string;
  /** Typed facts that the tenant may see, merged into the problem body. */
  readonly facts?: Readonly<Record<string, unknown>>;
  /** How long the other side asked us to wait before the next try. */
  readonly retryAfterMs?: number;
}

/**
 * The one error of the product: a stable code and a message that is safe to show to the tenant.
 * Whether it is transient, and whose fault it is, follows from the code alone.
 */
export class PipelineError extends Error {
  override readonly name = 'PipelineError';
  readonly operatorDetail?: string;
  readonly facts: Readonly<Record<string, unknown>>;
  readonly retryAfterMs?: number;

  constructor(
    readonly code: ErrorCode,
    message: string,
    options: PipelineErrorOptions = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.operatorDetail = options.operatorDetail;
    this.facts = options.facts ?? {};
    this.retryAfterMs = options.retryAfterMs;
  }

  get transient(): boolean {
    return ERROR_CATALOG[this.code].transient;
  }

  get fault(): Fault {
    return ERROR_CATALOG[this.code].fault;
  }
}
