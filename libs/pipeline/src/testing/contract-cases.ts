import { afterAll, afterEach, it } from '@jest/globals';

/** `it` of a contract suite. */
export interface ContractCase {
  (title: string, run: () => Promise<void>, timeoutMs?: number): void;
  readonly each: typeof it.each;
}

/**
 * Makes the `it` of a contract suite, which counts the cases run and writes the number at the end.
 * @param lacks Titles of the cases that the tested thing cannot do, and why: they are skipped, and named in the end.
 */
export function contractCases(name: string, lacks: Readonly<Record<string, string>>): ContractCase {
  let run = 0;
  const skipped = new Set<string>();
  afterEach(() => {
    run++;
  });
  afterAll(() => {
    const unknown = Object.keys(lacks).filter((title) => !skipped.has(title));
    if (unknown.length > 0) throw new Error(`No contract case is called: ${unknown.join('; ')}`);
    // Not the console, to whose lines Jest adds four more.
    process.stderr.write(`${name}: ${run} contract cases run, ${skipped.size} skipped\n`);
    for (const title of skipped) process.stderr.write(`  skipped: ${title} (${lacks[title]})\n`);
  });
  const contractCase = (title: string, body: () => Promise<void>, timeoutMs?: number): void => {
    if (!Object.hasOwn(lacks, title)) return it(title, body, timeoutMs);
    skipped.add(title);
    it.skip(title, body);
  };
  return Object.assign(contractCase, { each: it.each });
}
