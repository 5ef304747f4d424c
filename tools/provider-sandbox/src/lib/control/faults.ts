/** What a fault does to a request. The last four corrupt a page that is otherwise right. */
export const FAULT_KINDS = [
  'status',
  'truncate',
  'html',
  'hang',
  'reset',
  'repeat_cursor',
  'missing_cursor',
  'refused_cursor',
  'repeat_row',
] as const;

/** A kind of fault. */
export type FaultKind = (typeof FAULT_KINDS)[number];

/** A fault to be injected, as the body of `POST /_sandbox/faults` states it. */
export interface Fault {
  /** Path of the requests that the fault befalls, without query. */
  readonly path: string;
  /** Text that the query of these requests holds, as it was sent. Default any. */
  readonly query?: string;
  readonly kind: FaultKind;
  /** Status of a `status` fault. Default 500. */
  readonly status?: number;
  /** `Retry-After` of a `status` fault, in seconds. */
  readonly retry_after?: number;
  /**
   * Seconds until the limit ends of a `status` fault, told in the provider's own headers. Less than 0 where they are stale.
   */
  readonly reset_after?: number;
  /** Requests to the path that pass before the fault begins. Default 0. */
  readonly after_requests?: number;
  /** Requests that the fault befalls. Default 1. */
  readonly times?: number;
}

interface Armed {
  readonly fault: Fault;
  passing: number;
  remaining: number;
}

/** The faults that wait for requests. */
export class Faults {
  private armed: Armed[] = [];

  add(fault: Fault): void {
    this.armed.push({ fault, passing: fault.after_requests ?? 0, remaining: fault.times ?? 1 });
  }

  clear(): void {
    this.armed = [];
  }

  /** The fault that befalls this request, counting it. */
  next(path: string, query: string): Fault | undefined {
    const armed = this.armed.find(
      ({ fault, remaining }) => fault.path === path && query.includes(fault.query ?? '') && remaining > 0,
    );
    if (!armed) return undefined;
    if (armed.passing > 0) {
      armed.passing--;
      return undefined;
    }
    armed.remaining--;
    return armed.fault;
  }
}
