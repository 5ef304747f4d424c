import { dateOf, datesBetween, secondsOf } from '../../deterministic/days.ts';
import { billingRowsBetween, CORRECTION_DAYS } from './billing-ledger.ts';
import { exportedRow, type BillingRow } from './billing-row.ts';
import { ExportFile } from './export-file.ts';
import { EXPORT_TABLES } from './export-tables.ts';
import { pricingRowsOf } from './pricing-rows.ts';

const DAY_SECONDS = 86_400;
const DEFAULT_DAYS = 120;

/** Which exports to fill, and how far. */
export interface GcpExportOptions {
  /** Dataset of the organization. */
  readonly dataset: string;
  /** Chooses the data. Default `pipelines`. */
  readonly seed?: string;
  /** Until when Google has appended rows. Default now. */
  readonly until?: Date;
  /** First usage day of an export that is new. Default 120 days before. */
  readonly start?: string;
}

/**
 * Fills an organization's billing and pricing exports in a DuckDB file up to the instant, as Google would have: what is
 * there stays, what was appended since is added. Safe to call again; a later instant brings new usage, late rows and
 * corrections.
 */
export async function seedGcpExports(
  path: string,
  { dataset, seed = 'pipelines', until = new Date(), start }: GcpExportOptions,
): Promise<void> {
  const { detailed, standard, pricing } = EXPORT_TABLES;
  const end = `${until.toISOString().slice(0, -1)}000Z`;
  await ExportFile.use(path, dataset, async (file) => {
    for (const table of [detailed, standard, pricing]) await file.ensure(table);
    const usage = await file.rangeOf(detailed, 'usage_start_time');
    const appended = await file.latestByAccount(detailed);
    const first = usage?.[0].slice(0, 10) ?? start ?? daysBefore(end, DEFAULT_DAYS);
    const [lagging] = [...appended.values()].sort();
    const open = lagging && daysBefore(lagging, CORRECTION_DAYS + 1);
    const from = open !== undefined && open > first ? open : first;
    const rows = billingRowsBetween(seed, from, daysBefore(end, -1), end).filter(
      ({ account, exportTime }) => instant(exportTime) > (appended.get(account) ?? ''),
    );
    await file.append([detailed, standard], rows.sort(byExportTime).map(exportedRow));
    const priced = await file.rangeOf(pricing, 'export_time');
    const prices = datesBetween(priced?.[1].slice(0, 10) ?? first, daysBefore(end, -1))
      .flatMap((date) => pricingRowsOf(seed, date))
      .filter((row) => {
        const exportTime = row.export_time as string;
        return exportTime <= end && (priced === undefined || exportTime > priced[1]);
      });
    await file.append([pricing], prices);
  });
}

/** Appends rows of one's own to an organization's billing exports, as a late row or a correction would be. */
export async function appendBillingRows(
  path: string,
  dataset: string,
  rows: readonly BillingRow[],
): Promise<void> {
  const { detailed, standard } = EXPORT_TABLES;
  await ExportFile.use(path, dataset, (file) => file.append([detailed, standard], rows.map(exportedRow)));
}

function byExportTime(left: BillingRow, right: BillingRow): number {
  return instant(left.exportTime) < instant(right.exportTime) ? -1 : 1;
}

/** With six digits of its fraction, so that texts compare as instants do. */
function instant(time: string): string {
  const [seconds, fraction = ''] = time.slice(0, -1).split('.') as [string, string?];
  return `${seconds}.${fraction.padEnd(6, '0')}Z`;
}

function daysBefore(time: string, days: number): string {
  return dateOf(secondsOf(time.slice(0, 10)) - days * DAY_SECONDS);
}
