import { readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { join, sep } from 'node:path';
import type { ConfigProblem } from '../config-problem.ts';
import { SEGMENT } from '../file/names.ts';
import type { PipelineIdentity } from './pipeline-identity.ts';

/** A file that lies where a pipeline's configuration belongs. `text` is absent when it cannot be read. */
export interface ConfigFile extends PipelineIdentity {
  readonly file: string;
  readonly text?: string;
  readonly problems: readonly ConfigProblem[];
}

/** What a configuration directory holds. */
export interface ConfigFiles {
  readonly files: readonly ConfigFile[];
  /** YAML files that lie, or are named, so that they declare no pipeline. */
  readonly misplaced: readonly ConfigProblem[];
}

const MAX_BYTES = 64 * 1024;

/**
 * Reads every YAML file of the directory. Files of other kinds and names that begin with a dot are passed over;
 * nothing outside the directory is read, whatever a symbolic link says.
 *
 * @throws Error when the directory cannot be read.
 */
export function readConfigFiles(directory: string): ConfigFiles {
  const root = realpathSync(directory);
  const files: ConfigFile[] = [];
  const misplaced: ConfigProblem[] = [];
  for (const file of yamlPaths(root)) {
    const identity = identityOf(file);
    if (identity) files.push({ ...identity, file, ...readInside(root, file) });
    else misplaced.push(fileProblem(file, MISPLACED));
  }
  return { files, misplaced };
}

const MISPLACED =
  'This file declares no pipeline: put it at {provider}/{domain}/{pipeline}.yml, each name beginning with a ' +
  'lower-case letter and holding lower-case letters, digits and _. Links to folders are not followed.';

/** Paths of the YAML files, and of links to folders: a folder's link could lead anywhere, or back to itself. */
function yamlPaths(root: string, folder = ''): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true })
    .filter(({ name }) => !name.startsWith('.'))
    .flatMap((entry) => {
      const path = folder ? `${folder}/${entry.name}` : entry.name;
      if (entry.isDirectory()) return yamlPaths(root, path);
      return /\.ya?ml$/i.test(entry.name) || isFolderLink(join(root, path)) ? [path] : [];
    })
    .sort();
}

const isFolderLink = (path: string) => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;

function identityOf(file: string): PipelineIdentity | undefined {
  const [provider, domain, name, ...deeper] = file.split('/');
  const pipeline = name?.endsWith('.yml') ? name.slice(0, -'.yml'.length) : '';
  if (!provider || !domain || deeper.length > 0) return undefined;
  return [provider, domain, pipeline].every((segment) => SEGMENT.test(segment))
    ? { provider, domain, pipeline }
    : undefined;
}

function readInside(root: string, file: string): Pick<ConfigFile, 'text' | 'problems'> {
  const refuse = (message: string) => ({ problems: [fileProblem(file, message)] });
  try {
    const path = realpathSync(join(root, file));
    if (!path.startsWith(root + sep)) {
      return refuse(
        'The file is a symbolic link that leaves the configuration directory. Put the file itself here.',
      );
    }
    const status = statSync(path);
    if (!status.isFile()) return refuse('This is not a regular file.');
    if (status.size > MAX_BYTES) {
      return refuse(`The file has ${status.size} bytes; a configuration has at most ${MAX_BYTES}.`);
    }
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(path)), problems: [] };
  } catch (error) {
    return refuse(
      `The file cannot be read as UTF-8 text (${(error as NodeJS.ErrnoException).code ?? 'unknown'}).`,
    );
  }
}

const fileProblem = (file: string, message: string): ConfigProblem => ({ file, line: 1, column: 1, message });
