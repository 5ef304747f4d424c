import { PipelineError } from '../errors/pipeline-error.ts';
import type { DecimalText } from '../money/decimal-text.ts';
import { addDecimals } from '../money/decimal.ts';
import { groupsDifference, toGroupTotals, type GroupTotals, type Grouping } from './grouping.ts';
import type { ControlProof, LoadTotals, PassedOverRows, StagedTotals, StageReceipt } from './receipt.ts';
import type { Load, Warehouse, WarehouseQuery } from './warehouse.ts';

/**
 * What a query's sources hold, told by another way than the query's own: the control total of a load that no row of
 * passes through this process. The grouping is that of the staged rows.
 */
export interface SourceControl extends Grouping {
  /**
   * One row per group, so that the answer stays small, all text: the columns of the grouping under their own names, and
   * `row_count`.
   */
  readonly query: WarehouseQuery;
}

/** A query whose rows are staged. */
export interface StagingQuery extends WarehouseQuery {
  /** Of the very rows that the query reads. Without one, what is staged counts as what was extracted. */
  readonly control?: SourceControl;
  /** Rows of the sources that neither the query nor its control reads. */
  readonly passedOver?: readonly PassedOverRows[];
}

/** What a query staged. */
export interface StagedQuery {
  readonly stage: StageReceipt;
  readonly staged: StagedTotals;
  /** What the sources hold, as far as the control tells it. */
  readonly extracted: LoadTotals;
  readonly control?: ControlProof;
}

/**
 * Stages a query's rows and holds them against what its sources hold. No warehouse has a snapshot that a question and a
 * load could share; so the sources are asked before, and only where that differs from what was staged, again afterwards.
 * @throws PipelineError `receipt_mismatch` naming the first group that differs, `sources_changed` when they changed
 * meanwhile.
 */
export async function stageControlled(
  warehouse: Warehouse,
  load: Load,
  query: StagingQuery,
): Promise<StagedQuery> {
  const { control } = query;
  if (!control) {
    const stage = await warehouse.stageQuery(load, query);
    const staged = await warehouse.check(load);
    return { stage, staged, extracted: staged };
  }
  const { by, sums } = control;
  const ask = async (): Promise<readonly GroupTotals[]> =>
    toGroupTotals(await warehouse.read(load, control.query), control);
  const held = await ask();
  const stage = await warehouse.stageQuery(load, query);
  // One group more than there should be tells that there are too many, however many a wrong query makes.
  const { groups, ...staged } = await warehouse.check(load, { by, sums, limit: held.length + 1 });
  const difference = groupsDifference(held, groups ?? [], control);
  if (difference === undefined) {
    return {
      stage,
      staged,
      extracted: extractedTotals(load, control, held, staged),
      control: { by, sums, groups: held.length },
    };
  }
  if (groupsDifference(held, await ask(), control) !== undefined) {
    throw new PipelineError(
      'sources_changed',
      'The tables that the pipeline reads changed while it read them. The target was not touched.',
    );
  }
  throw new PipelineError('receipt_mismatch', `${difference}. The target was not touched.`);
}

/** The rows and the money of the groups; money that the control leaves out is what was staged of it. */
function extractedTotals(
  { schema }: Load,
  { by, sums }: Grouping,
  held: readonly GroupTotals[],
  staged: LoadTotals,
): LoadTotals {
  const money = (schema.money ?? []).flatMap(({ amount, currency }) => {
    const [amountIndex, currencyIndex] = [sums.indexOf(amount), by.indexOf(currency)];
    if (amountIndex < 0 || currencyIndex < 0) return staged.money.filter(({ column }) => column === amount);
    const byCurrency = new Map<string, DecimalText>();
    for (const totals of held) {
      const name = String(totals.group[currencyIndex]);
      byCurrency.set(name, addDecimals(byCurrency.get(name) ?? '0', totals.sums[amountIndex]!));
    }
    return [...byCurrency].map(([name, sum]) => ({ column: amount, currency: name, sum }));
  });
  return { rows: held.reduce((rows, totals) => rows + totals.rows, 0), money };
}
