const PACIFIC = new Intl.DateTimeFormat('en-CA', {
  timeZone: 'America/Los_Angeles',
  year: 'numeric',
  month: '2-digit',
});

/** By UTC hour, on which months begin there. */
const known = new Map<string, string>();

/** The month of an instant where Google's invoices are made, as `YYYYMM`. */
export function pacificMonth(instant: string): string {
  const hour = instant.slice(0, 13);
  const month = known.get(hour) ?? findMonth(instant);
  known.set(hour, month);
  return month;
}

function findMonth(instant: string): string {
  const parts = new Map(PACIFIC.formatToParts(new Date(instant)).map(({ type, value }) => [type, value]));
  return `${parts.get('year')}${parts.get('month')}`;
}

/** The month of the invoice that a row of this usage lands on: that of its export once the usage's is closed. */
export function invoiceMonth(usageStart: string, exportTime: string): string {
  const used = pacificMonth(usageStart);
  // A month is closed on the fifth day of the next one.
  const closed = pacificMonth(new Date(Date.parse(exportTime) - 5 * 86_400_000).toISOString());
  return closed > used ? pacificMonth(exportTime) : used;
}
