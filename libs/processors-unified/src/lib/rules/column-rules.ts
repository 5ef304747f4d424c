import { FOCUS_COLUMNS, FOCUS_VERSIONS, type FocusColumn, type FocusType } from '../focus/focus-columns.ts';
import { ALLOWED_VALUES, CURRENCIES, UNIT_PATTERN } from '../focus/focus-values.ts';
import { SERVICE_CATEGORIES } from '../focus/service-categories.ts';
import type { RowRule } from './focus-rule.ts';

/** A JSON string, in the text of a JSON value; a backslash, by its code, takes the next character along. */
const JSON_STRING = '"(\\x5c.|[^"\\x5c])*"';
const OBJECT = '^\\s*\\{';
/** An object without another or an array in it; of its strings nothing is left. */
const FLAT_OBJECT = '^\\s*\\{[^{\\[]*\\}\\s*$';
/** An empty string as a value or key; within a string, each quote comes after a backslash. */
const EMPTY_TEXT = ':\\s*""|[{,]\\s*""\\s*:';

const ofType = (...types: readonly FocusType[]) => FOCUS_COLUMNS.filter(({ type }) => types.includes(type));
const named = (name: string): FocusColumn => FOCUS_COLUMNS.find((column) => column.name === name)!;
const literals = (values: readonly string[]) => values.map((value) => `'${value}'`).join(', ');

/** What the specification says of each column by itself. */
export const COLUMN_RULES: readonly RowRule[] = [
  ...FOCUS_COLUMNS.filter(({ nullable }) => !nullable).map(({ name, versions }) => ({
    id: `not-null:${name}`,
    says: `${name} is never null.`,
    versions,
    isBroken: () => `${name} IS NULL`,
  })),
  ...ofType('String').map(({ name, versions }) => ({
    id: `not-blank:${name}`,
    says: `${name} is null rather than empty or blank.`,
    versions,
    isBroken: (({ trimmed }) => `${trimmed(name)} = ''`) as RowRule['isBroken'],
  })),
  ...Object.entries(ALLOWED_VALUES).map(([name, values]) => ({
    id: `allowed-value:${name}`,
    says: `${name} is one of ${values.join(', ')}.`,
    versions: named(name).versions,
    isBroken: () => `${name} NOT IN (${literals(values)})`,
  })),
  {
    id: 'allowed-value:ServiceCategory',
    says: 'ServiceCategory is one of the categories of FOCUS.',
    versions: FOCUS_VERSIONS,
    isBroken: () => `ServiceCategory NOT IN (${literals([...SERVICE_CATEGORIES.keys()])})`,
  },
  {
    id: 'allowed-value:ServiceSubcategory',
    says: 'ServiceSubcategory belongs to the ServiceCategory.',
    versions: FOCUS_VERSIONS,
    isBroken: () =>
      `ServiceSubcategory IS NOT NULL AND NOT COALESCE(CASE ServiceCategory ${[...SERVICE_CATEGORIES]
        .map(([category, subs]) => `WHEN '${category}' THEN ServiceSubcategory IN (${literals(subs)})`)
        .join(' ')} END, FALSE)`,
  },
  ...['BillingCurrency', 'PricingCurrency'].map((name) => ({
    id: `currency:${name}`,
    says: `${name} is a currency code of ISO 4217.`,
    versions: FOCUS_VERSIONS,
    isBroken: () => `${name} NOT IN (${literals(CURRENCIES)})`,
  })),
  {
    id: 'own-account:BillingAccountId',
    says: "BillingAccountId is the provider's.",
    versions: FOCUS_VERSIONS,
    deviation: "The provider's own account could not be read; the organization's slug stands in its place.",
    isBroken: (({ parameter, type }) => {
      const org = `CAST(${parameter('org')} AS ${type('STRING')})`;
      // With the name of a credential behind it where that is not the default one.
      return `(BillingAccountId = ${org} OR STARTS_WITH(BillingAccountId, ${org} || '/'))`;
    }) as RowRule['isBroken'],
  },
  {
    id: 'named:RegionName',
    says: 'RegionName is a name rather than the RegionId again.',
    versions: FOCUS_VERSIONS,
    deviation: 'The provider tells the id of a region alone.',
    isBroken: () => 'RegionName = RegionId',
  },
  ...['ConsumedUnit', 'PricingUnit', 'CommitmentDiscountUnit'].map((name) => ({
    id: `unit:${name}`,
    says: `${name} is written as FOCUS writes units, such as 1000 Tokens or GiB-Hours.`,
    versions: FOCUS_VERSIONS,
    isBroken: ({ matches }: { matches(text: string, pattern: string): string }) =>
      `NOT ${matches(name, UNIT_PATTERN)}`,
  })),
  ...ofType('Json').map(({ name, versions }) => ({
    id: `object:${name}`,
    says: `${name} is a JSON object.`,
    versions,
    isBroken: (({ matches, jsonText }) =>
      `${name} IS NOT NULL AND NOT ${matches(jsonText(name), OBJECT)}`) as RowRule['isBroken'],
  })),
  ...ofType('KeyValue').map(({ name, versions }) => ({
    id: `flat-object:${name}`,
    says: `${name} is a JSON object of single values.`,
    versions,
    isBroken: (({ matches, without, jsonText }) =>
      `${name} IS NOT NULL AND NOT ${matches(without(jsonText(name), JSON_STRING), FLAT_OBJECT)}`) as RowRule['isBroken'],
  })),
  ...ofType('KeyValue').map(({ name, versions }) => ({
    id: `no-empty-text:${name}`,
    says: `${name} holds no empty texts; a tag without a value is true.`,
    versions,
    isBroken: (({ matches, jsonText }) => matches(jsonText(name), EMPTY_TEXT)) as RowRule['isBroken'],
  })),
];
