import { addDays, type UtcDate } from '@pipelines/pipeline';
import { FakeProvider, type FakeReply, type FakeRequest } from '@pipelines/pipeline/testing';

const API_KEY = 'compatible.key-1';
const COSTS_PATH = '/compatible/v1/organization/costs';
const EMPTY_DAY = '"results": []';

/**
 * A server of another vendor that speaks OpenAI's costs API: every day is the JSON text it was given, cursors mean
 * nothing to anyone else, and there are fields that nobody asked for.
 */
export class OpenAiCompatibleServer {
  readonly secret = { api_key: API_KEY };
  /** Answers with the whole window on one page, whatever `limit` says. */
  ignoresLimit = false;
  private readonly daysLeft = new Map<string, readonly UtcDate[]>();

  private constructor(
    private readonly http: FakeProvider,
    /** The fields of a day's bucket beside its times, as JSON text; a day that is absent has no costs. */
    private readonly days: Record<UtcDate, string>,
  ) {}

  static async start(days: Readonly<Record<UtcDate, string>>): Promise<OpenAiCompatibleServer> {
    const http = await FakeProvider.start();
    const server = new OpenAiCompatibleServer(http, { ...days });
    http.answer = (request) => server.answer(request);
    return server;
  }

  get baseUrl(): string {
    return `${this.http.url}/compatible/v1`;
  }

  /** The requests for costs since this was last called; the lists of names are not spoken here. */
  takeRequests(): readonly FakeRequest[] {
    return this.http.requests.splice(0).filter(({ path }) => path === COSTS_PATH);
  }

  /** What the vendor says of the day from now on. */
  restate(day: UtcDate, fields: string): void {
    this.days[day] = fields;
  }

  async stop(): Promise<void> {
    await this.http.stop();
  }

  private answer({ path, query, headers }: FakeRequest): FakeReply {
    if (path !== COSTS_PATH) return { status: 404, body: '{"error":{"message":"No such path."}}' };
    if (headers.authorization !== `Bearer ${API_KEY}`)
      return { status: 401, body: '{"error":{"message":"No such key."}}' };
    const cursor = query.get('page');
    const days = cursor === null ? daysAskedFor(query) : this.daysLeft.get(cursor);
    if (!days) return { status: 400, body: '{"error":{"message":"No such page."}}' };

    const size = this.ignoresLimit ? days.length : Number(query.get('limit'));
    const next = this.cursorTo(days.slice(size));
    const buckets = days.slice(0, size).map((day) => bucket(day, this.days[day] ?? EMPTY_DAY));
    return {
      body: `{"object": "page", "vendor": {"name": "Compatible", "version": 2}, "took_seconds": 0.25,
        "data": [${buckets.join()}], "has_more": ${next !== null}, "next_page": ${JSON.stringify(next)}}`,
    };
  }

  private cursorTo(days: readonly UtcDate[]): string | null {
    if (days.length === 0) return null;
    const cursor = `${this.daysLeft.size}+/=&?`;
    this.daysLeft.set(cursor, days);
    return cursor;
  }
}

function daysAskedFor(query: URLSearchParams): UtcDate[] {
  const [start, end] = ['start_time', 'end_time'].map((name) => dayAt(Number(query.get(name))));
  const days: UtcDate[] = [];
  for (let day = start!; day < end!; day = addDays(day, 1)) days.push(day);
  return days;
}

function dayAt(seconds: number): UtcDate {
  return new Date(seconds * 1000).toISOString().slice(0, 10);
}

function bucket(day: UtcDate, fields: string): string {
  const start = Date.parse(day) / 1000;
  return `{"object": "bucket", "start_time": ${start}, "end_time": ${start + 86_400}, "zone": null, ${fields}}`;
}
