import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from '@jest/globals';

/** Where `npm run emulator:install` puts the emulator. */
export const EMULATOR_FOLDER = join(import.meta.dirname, '../../../../tools/bigquery-emulator');

const INSTALL = 'npm run emulator:install';

/** Undefined when the emulator can be started, otherwise why not and what to do. */
export function whyNoEmulator(): string | undefined {
  const installed = join(EMULATOR_FOLDER, '.venv/requirements.txt');
  if (!existsSync(installed)) return `The BigQuery emulator is not installed. Install it: ${INSTALL}`;
  const upToDate = readFileSync(installed).equals(readFileSync(join(EMULATOR_FOLDER, 'requirements.txt')));
  return upToDate ? undefined : `The BigQuery emulator is out of date. Install it again: ${INSTALL}`;
}

/**
 * Describes what needs the emulator. Without it, one line says how to install it and the cases are skipped; where
 * `REQUIRE_BIGQUERY_EMULATOR` is set, as CI does, that is a failure.
 */
export function describeWithBigQueryEmulator(name: string, describeCases: () => void): void {
  const reason = whyNoEmulator();
  if (reason === undefined) {
    describeCases();
  } else if (process.env.REQUIRE_BIGQUERY_EMULATOR) {
    it(name, () => {
      throw new Error(reason);
    });
  } else {
    // Not the console, to whose lines Jest adds four more.
    process.stderr.write(`Skipped: ${name}. ${reason}\n`);
    describe.skip('without a BigQuery emulator', describeCases);
  }
}
