/**
 * The first parameter that an endpoint does not serve. Ignoring it would answer more than was asked, and hide a name that
 * is spelled wrongly.
 */
export function unknownParameter(parameters: URLSearchParams, served: readonly string[]): string | undefined {
  return [...parameters.keys()].find((name) => !served.includes(name));
}
