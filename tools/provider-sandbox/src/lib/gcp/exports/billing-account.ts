/** A project that is charged. */
export interface BilledProject {
  readonly id: string;
  readonly number: string;
  readonly name: string;
  readonly account: string;
  readonly currency: 'USD' | 'EUR';
  /** Percent of the list price that its contract pays. */
  readonly percentOfList: bigint;
  readonly environment: string;
}

/** Billing account whose exports the sandbox fills. */
export const BILLING_ACCOUNT = '01AB23-CD45EF-678901';

/** A reseller's sub-account, which is charged in another currency. */
const SUB_ACCOUNT = '01C0DE-FEED42-0A1B2C';

const project = (id: string, number: string, change: Partial<BilledProject> = {}): BilledProject => ({
  id,
  number,
  name: id.replace(/^acme-/, 'Acme ').replaceAll('-', ' '),
  account: BILLING_ACCOUNT,
  currency: 'USD',
  percentOfList: 100n,
  environment: 'production',
  ...change,
});

/** Projects by what they pay. */
export const PROJECTS: readonly BilledProject[] = [
  project('acme-web', '401122334455'),
  project('acme-data', '401122334456', { percentOfList: 90n }),
  project('acme-staging', '401122334457', { environment: 'staging' }),
  project('acme-shop-eu', '401122334458', { account: SUB_ACCOUNT, currency: 'EUR' }),
];

/** Days after which the rows of the sub-account arrive: its export is copied, and its clock lags behind the other's. */
const SUB_ACCOUNT_LAG_DAYS = 2;

/** When a row arrives in the export: at its export time, or later where the clock of its account lags behind. */
export function arrivalOf({
  account,
  exportTime,
}: {
  readonly account: string;
  readonly exportTime: string;
}): string {
  if (account !== SUB_ACCOUNT) return exportTime;
  const day = new Date(
    Date.parse(`${exportTime.slice(0, 10)}T00:00:00Z`) + SUB_ACCOUNT_LAG_DAYS * 86_400_000,
  );
  return day.toISOString().slice(0, 10) + exportTime.slice(10);
}

/** Name of a table of the account: Google puts underscores for the dashes of the account. */
export function accountTable(prefix: string): string {
  return `${prefix}_${BILLING_ACCOUNT.replaceAll('-', '_')}`;
}
