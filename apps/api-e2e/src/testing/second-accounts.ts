import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestService } from './test-service.ts';

/** A shipped pipeline, as `provider/domain/name`, for another account: its path is followed by the credential's name. */
export async function addAccount(
  service: TestService,
  pipeline: string,
  credential: string,
): Promise<string> {
  const [provider, domain, name] = pipeline.split('/') as [string, string, string];
  const fileOf = (file: string) => join(service.configsDirectory, provider, domain, `${file}.yml`);
  const yml = await readFile(fileOf(name), 'utf8');
  const other = `${name}_${credential}`;
  await writeFile(
    fileOf(other),
    `${yml.replace(`name: ${name}`, `name: ${other}`)}\ncredentials: ${credential}\n`,
  );
  return `${provider}/${domain}/${other}`;
}
