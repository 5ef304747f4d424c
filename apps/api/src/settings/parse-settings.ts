import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import { documentedSettings } from './setting.decorator.ts';
import { Settings } from './settings.ts';

/** Bad or missing settings, all of them. Values of secrets are not repeated. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';

  constructor(readonly problems: readonly string[]) {
    super(`Bad settings:\n${problems.map((problem) => `  - ${problem}`).join('\n')}\nSee docs/settings.md.`);
  }
}

/**
 * Reads the settings from environment variables; an empty variable counts as unset.
 * @throws SettingsError naming every problem at once.
 */
export function parseSettings(environment: Readonly<Record<string, string | undefined>>): Settings {
  const given = Object.fromEntries(
    documentedSettings()
      .map(({ name }) => [name, environment[name]?.trim()] as const)
      .filter(([, value]) => value),
  );
  const settings = plainToInstance(Settings, given, { exposeDefaultValues: true });
  const problems = validateSync(settings).flatMap(({ constraints = {} }) => Object.values(constraints));
  if (problems.length > 0) throw new SettingsError(problems);
  return settings;
}
