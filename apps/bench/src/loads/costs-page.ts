import { addDays, startOfDay, type UtcDate } from '@pipelines/pipeline';

const ROWS_PER_CHUNK = 256;
const LINE_ITEMS = [
  'gpt-5-2026-08-07, input',
  'gpt-5-2026-08-07, output',
  'web search tool calls',
  'o4-mini, cached input',
];

/** The days of one page of a costs answer. */
export interface CostsPage {
  readonly days: readonly UtcDate[];
  readonly rowsPerDay: number;
  /** The cursor of the page that follows. */
  readonly next?: string;
}

/** The text of a page in pieces of some 80 KB, the same whenever it is asked for. */
export function* costsPage({ days, rowsPerDay, next }: CostsPage): Generator<string> {
  yield '{"object":"page","data":[';
  for (const [index, day] of days.entries()) {
    const start = startOfDay(day).getTime() / 1000;
    yield `${index > 0 ? ',' : ''}{"object":"bucket","start_time":${start},"end_time":${start + 86_400},"results":[`;
    for (let row = 0; row < rowsPerDay; row += ROWS_PER_CHUNK) {
      const count = Math.min(ROWS_PER_CHUNK, rowsPerDay - row);
      const rows = Array.from({ length: count }, (_, offset) => costOf(row + offset));
      yield `${row > 0 ? ',' : ''}${rows.join()}`;
    }
    yield ']}';
  }
  yield `],"has_more":${next !== undefined},"next_page":${JSON.stringify(next ?? null)}}`;
}

/** The days from `start`, inclusive, to `end`, exclusive. */
export function daysOf(start: UtcDate, end: UtcDate): UtcDate[] {
  const days: UtcDate[] = [];
  for (let day = start; day < end; day = addDays(day, 1)) days.push(day);
  return days;
}

/** As OpenAI answers: most amounts are numbers, some are texts with more digits than a warehouse keeps. */
function costOf(row: number): string {
  const digits = String((row * 7_919) % 1_000_003).padStart(7, '0');
  const sign = row % 50 === 0 ? '-' : '';
  const amount = row % 4 === 0 ? `"${sign}0.${digits}430000000000000001"` : `${sign}${row % 11}.${digits}`;
  return `{"object":"organization.costs.result","amount":{"value":${amount},"currency":"usd"},"line_item":"${LINE_ITEMS[row % LINE_ITEMS.length]}","project_id":"proj_${row % 97}","api_key_id":"key_${row % 1_013}","quantity":${row * 37},"quantity_unit":"tokens","organization_id":"org-bench"}`;
}
