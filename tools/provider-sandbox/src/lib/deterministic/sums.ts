import { toDecimalText } from './fixed-point.ts';

/** Rows and exact amounts of charges, in all and by label. */
export class ChargeSum {
  private rows = 0;
  private amount = 0n;
  private readonly byLabel = new Map<string, bigint>();

  /** @param scale Fraction digits of the units that amounts are added in. */
  constructor(private readonly scale: number) {}

  add(label: string, amount: bigint): void {
    this.rows++;
    this.amount += amount;
    this.byLabel.set(label, (this.byLabel.get(label) ?? 0n) + amount);
  }

  report<TName extends string>(
    labels: TName,
  ): { rows: number; amount: string } & Record<TName, Record<string, string>> {
    const byLabel = [...this.byLabel].map(([label, amount]) => [label, toDecimalText(amount, this.scale)]);
    const total = { rows: this.rows, amount: toDecimalText(this.amount, this.scale) };
    return { ...total, [labels]: Object.fromEntries(byLabel) as Record<string, string> } as typeof total &
      Record<TName, Record<string, string>>;
  }
}

/** The sum of each count over the parts. */
export function sumOf(
  names: readonly string[],
  parts: readonly Readonly<Record<string, number>>[],
): Record<string, number> {
  return Object.fromEntries(
    names.map((name) => [name, parts.reduce((total, part) => total + part[name]!, 0)]),
  );
}
