/** Base units of the billing export as FOCUS writes them. */
export const USAGE_UNITS: Readonly<Record<string, string>> = {
  seconds: 'Seconds',
  'byte-seconds': 'Byte-Seconds',
  bytes: 'B',
  requests: 'Requests',
  count: 'Count',
};

/** Units of Google Cloud's price lists as FOCUS writes them. */
export const PRICING_UNITS: Readonly<Record<string, string>> = {
  count: 'Count',
  requests: 'Requests',
  second: 'Seconds',
  minute: 'Minutes',
  hour: 'Hours',
  day: 'Days',
  month: 'Months',
  year: 'Years',
  byte: 'B',
  kibibyte: 'KiB',
  mebibyte: 'MiB',
  gibibyte: 'GiB',
  tebibyte: 'TiB',
  pebibyte: 'PiB',
  'byte second': 'Byte-Seconds',
  'gibibyte second': 'GiB-Seconds',
  'gibibyte hour': 'GiB-Hours',
  'gibibyte day': 'GiB-Days',
  'gibibyte month': 'GiB-Months',
  'tebibyte hour': 'TiB-Hours',
  'tebibyte month': 'TiB-Months',
};
