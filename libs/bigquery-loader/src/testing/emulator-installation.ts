import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

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
 * Why what needs the emulator is left out here. Never, where `REQUIRE_BIGQUERY_EMULATOR` is set, as CI does: whoever
 * starts the emulator is told instead.
 */
export function whyEmulatorIsSkipped(): string | undefined {
  return process.env.REQUIRE_BIGQUERY_EMULATOR ? undefined : whyNoEmulator();
}
