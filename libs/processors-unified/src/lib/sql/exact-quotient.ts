/** Fraction digits of DuckDB's BIGNUMERIC, and how many of them one step of the division gives. */
const SCALE = 18;
const STEP = 6;
const LARGEST_DIVISOR = 10n ** 14n;

/**
 * A quotient of two DECIMAL(38,18) to 18 fraction digits, half away from zero. DuckDB itself divides decimals as binary
 * floats. Long division of the unscaled integers, six digits at a time, so that no step needs more than 128 bits; of a
 * divisor above 10^14 it would, and the quotient is null.
 * @param dividend Repeated in the expression, like the divisor: the name of a column.
 */
export function exactQuotient(dividend: string, divisor: string): string {
  const [over, under] = [unscaled(`abs(${dividend})`), unscaled(divisor)];
  const step = 10n ** BigInt(STEP);
  let remainder = `(${over} % ${under})`;
  let digits = `(${over} // ${under})`;
  for (let given = 0; given < SCALE; given += STEP) {
    digits = `(${digits} * ${step} + (${remainder} * ${step}) // ${under})`;
    remainder = `((${remainder} * ${step}) % ${under})`;
  }
  const rounded = `(${digits} + CASE WHEN ${remainder} * 2 >= ${under} THEN 1 ELSE 0 END)`;
  const signed = `CASE WHEN ${dividend} < 0 THEN -${rounded} ELSE ${rounded} END`;
  const unit = `CAST('0.${'1'.padStart(SCALE, '0')}' AS DECIMAL(${SCALE},${SCALE}))`;
  const quotient = `CAST(CAST(${signed} AS DECIMAL(38,0)) * ${unit} AS DECIMAL(38,${SCALE}))`;
  return `CASE WHEN ${divisor} <= ${LARGEST_DIVISOR} THEN ${quotient} END`;
}

/** By way of text: a decimal cannot be taken for the integer that it is stored as. */
function unscaled(decimal: string): string {
  return `CAST(replace(CAST(CAST(${decimal} AS DECIMAL(38,${SCALE})) AS VARCHAR), '.', '') AS HUGEINT)`;
}
