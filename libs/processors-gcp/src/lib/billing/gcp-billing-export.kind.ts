import { someText, someValue, type ExportKind } from '../export/export-kind.ts';
import type { SqlDialect } from '../export/sql-dialect.ts';
import { REQUIRED_PATHS } from './gcp-billing-export.paths.ts';

/** Usage cost exports, standard and detailed. */
export const BILLING_EXPORT: ExportKind = {
  title: 'a billing export',
  field: 'billing_export_table',
  advice:
    'Enable the detailed (or standard) usage cost export of Cloud Billing; its first rows appear within hours. If it has another name, store the gcp credential with the right billing_export_table.',
  requiredPaths: REQUIRED_PATHS,
  instant: 'usage_start_time',
  day: 'usage_date',
  requirements: [
    someValue('usage_start_time'),
    someValue('export_time'),
    someText('currency'),
    { name: 'cost that is a number', missing: ({ isAmount, field }) => `NOT ${isAmount(field('cost'))}` },
    {
      name: 'credit that is a number',
      missing: (dialect) =>
        someCredit(dialect, `credit.amount IS NOT NULL AND NOT ${dialect.isAmount('credit.amount')}`),
    },
  ],
  holdsMoney: (dialect) =>
    `(COALESCE(${dialect.field('cost')} <> 0, FALSE) OR ${someCredit(dialect, 'credit.amount <> 0')})`,
  measure: {
    exported: 'cost',
    loaded: 'cost',
    of: (cost, { cast }) =>
      `${cast('COUNT(*)', 'STRING')} || ' ' || ${cast(`SUM(${cast(cost, 'BIGNUMERIC')})`, 'STRING')}`,
  },
};

/** Whether a credit satisfies the condition. */
function someCredit({ someElement, field }: SqlDialect, condition: string): string {
  return someElement(field('credits'), 'credit', condition);
}
