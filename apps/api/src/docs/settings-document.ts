import { documentedSettings } from '../settings/setting.decorator.ts';
import { Settings } from '../settings/settings.ts';

/** The text of docs/settings.md. */
export function settingsDocument(): string {
  const defaults = new Settings() as unknown as Record<string, unknown>;
  const rows = documentedSettings().map(
    ({ name, description, defaultNote }) =>
      `| \`${name}\` | ${defaultNote ?? `\`${String(defaults[name])}\``} | ${description} |`,
  );
  return [
    '# Settings',
    '',
    'Environment variables, read once at start. Bad or missing ones are listed together, and the service does not start.',
    'This page is generated from `apps/api/src/settings/settings.ts` by `npm run docs`.',
    '',
    '| variable | default | meaning |',
    '| --- | --- | --- |',
    ...rows,
    '',
  ].join('\n');
}
