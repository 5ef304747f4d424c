import { describe, it } from '@jest/globals';
import { whyEmulatorIsSkipped, whyNoEmulator } from './emulator-installation.ts';

/**
 * Describes what needs the emulator. Without it, one line says how to install it and the cases are skipped; where
 * `REQUIRE_BIGQUERY_EMULATOR` is set, as CI does, that is a failure.
 */
export function describeWithBigQueryEmulator(name: string, describeCases: () => void): void {
  const reason = whyNoEmulator();
  if (reason === undefined) {
    describeCases();
  } else if (whyEmulatorIsSkipped() === undefined) {
    it(name, () => {
      throw new Error(reason);
    });
  } else {
    // Not the console, to whose lines Jest adds four more.
    process.stderr.write(`Skipped: ${name}. ${reason}\n`);
    describe.skip('without a BigQuery emulator', describeCases);
  }
}
