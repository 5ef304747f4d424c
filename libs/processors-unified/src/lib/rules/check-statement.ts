import type { WarehouseEngine, WarehouseQuery } from '@pipelines/pipeline';
import { CHARGE_RULES } from './charge-rules.ts';
import { COLUMN_RULES } from './column-rules.ts';
import { COMMITMENT_RULES } from './commitment-rules.ts';
import type { FocusVersion } from '../focus/focus-columns.ts';
import type { GroupRule, RowRule } from './focus-rule.ts';
import { GROUP_RULES } from './group-rules.ts';
import { NULLABILITY_RULES } from './nullability-rules.ts';
import { dialectOf } from '../sql/dialect-of.ts';

const ROW_RULES: readonly RowRule[] = [
  ...COLUMN_RULES,
  ...NULLABILITY_RULES,
  ...CHARGE_RULES,
  ...COMMITMENT_RULES,
];

/** A rule of a version, and the column of the check's one row that counts what breaks it. */
interface CountedRule extends Pick<RowRule, 'id' | 'says' | 'deviation'> {
  readonly count: string;
}

/** A statement that answers one row: how many rows break each rule. */
export interface CheckStatement extends WarehouseQuery {
  readonly rules: readonly CountedRule[];
}

/**
 * Checks a relation with the columns of a version by every rule of it, in one pass and one more per group rule.
 * @param org Slug of the organization whose charges they are.
 */
export function checkStatement(
  version: FocusVersion,
  engine: WarehouseEngine,
  relation: string,
  org: string,
): CheckStatement {
  const dialect = dialectOf(engine);
  const ofVersion = <T extends Pick<RowRule, 'versions'>>(rules: readonly T[]): readonly T[] =>
    rules.filter(({ versions }) => versions.includes(version));
  const counted = [
    ...ofVersion(ROW_RULES).map((rule) => ({
      rule: rule as RowRule | GroupRule,
      count: `COUNT(CASE WHEN ${rule.isBroken(dialect)} THEN 1 END)`,
    })),
    ...ofVersion(GROUP_RULES).map((rule) => ({
      rule: rule as RowRule | GroupRule,
      count: `(${rule.countBroken(relation, version)})`,
    })),
  ].map((entry, index) => ({ ...entry, name: `rule_${index}` }));
  const counts = counted.map(({ count, name }) => `  CAST(${count} AS STRING) AS ${name}`);
  return {
    sql: `SELECT\n${counts.join(',\n')}\nFROM ${relation}`,
    parameters: { org },
    rules: counted.map(({ rule, name }) => ({
      id: rule.id,
      says: rule.says,
      deviation: 'deviation' in rule ? rule.deviation : undefined,
      count: name,
    })),
  };
}
