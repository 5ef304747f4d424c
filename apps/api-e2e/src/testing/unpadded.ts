/** A decimal's text without zeros at its end, as many as the warehouse pads. */
export function unpadded(decimal: string): string {
  return decimal.includes('.') ? decimal.replace(/\.?0+$/, '') : decimal;
}
