/** An answer of the API, whatever its status. */
export interface ApiAnswer<T> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: T;
}

/** A run as the status endpoint shows it, as far as drivers read it. */
export interface RunStatus {
  readonly run_id: string;
  readonly status: 'pending' | 'validating' | 'running' | 'completed' | 'failed';
  readonly attempt: number;
  readonly window: { readonly start: string; readonly end: string };
  readonly timestamps: Readonly<Record<string, string | null>>;
  readonly progress: { readonly rows_extracted: number; readonly rows_loaded: number };
  readonly receipt: {
    readonly rows: Readonly<Record<'extracted' | 'staged' | 'committed' | 'replaced', number>>;
    readonly money: Readonly<
      Record<'extracted' | 'staged' | 'committed', readonly { readonly sum: string }[]>
    >;
    readonly left_out?: readonly { readonly part: string; readonly code: string; readonly reason: string }[];
    readonly restatement: { readonly figures: number; readonly entries: readonly object[] };
  } | null;
  readonly error: { readonly code: string; readonly message: string } | null;
}

/** Calls the service's HTTP API with one key, or with none. */
export class ApiClient {
  constructor(
    private readonly baseUrl: string,
    private readonly key?: string,
  ) {}

  /** Sends a request to a path below `/api/v1/` and reads the answer as JSON. A string body is sent as it is. */
  async send<T = Record<string, unknown>>(
    method: string,
    path: string,
    body?: object | string,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<ApiAnswer<T>> {
    const response = await fetch(`${this.baseUrl}/api/v1/${path}`, {
      method,
      headers: {
        ...(this.key !== undefined && { 'x-api-key': this.key }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      body: typeof body === 'object' ? JSON.stringify(body) : body,
    });
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      body: (text === '' ? undefined : JSON.parse(text)) as T,
    };
  }

  /**
   * Sends a request that must succeed.
   * @throws Error with the problem's code and detail otherwise.
   */
  async call<T>(method: string, path: string, body?: object): Promise<T> {
    const { status, body: answer } = await this.send<T & { code?: string; detail?: string }>(
      method,
      path,
      body,
    );
    if (status < 300) return answer;
    throw new Error(`${method} ${path}: ${answer.code ?? status}: ${answer.detail ?? ''}`);
  }
}
