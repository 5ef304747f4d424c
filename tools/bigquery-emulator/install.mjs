// Makes the Python environment of the BigQuery emulator in `.venv`. Safe to run again: what is there stays.
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const folder = import.meta.dirname;
const environment = join(folder, '.venv');
const requirements = join(folder, 'requirements.txt');
/** A copy of the requirements, written last: it tells that the environment is complete and up to date. */
const stamp = join(environment, 'requirements.txt');

const [MAJOR, MINOR] = [3, 11];
const CANDIDATES = [process.env.PYTHON, 'python3', 'python3.14', 'python3.13', 'python3.12', 'python3.11'];

function isRecent(python) {
  const check = `import sys, venv, ensurepip; sys.exit(sys.version_info < (${MAJOR}, ${MINOR}))`;
  return spawnSync(python, ['-c', check], { stdio: 'ignore' }).status === 0;
}

function run(program, ...words) {
  const { status, error } = spawnSync(program, words, { stdio: 'inherit' });
  if (status !== 0) fail(`${program} ${words.join(' ')} failed${error ? `: ${error.message}` : '.'}`);
}

function fail(message) {
  console.error(message);
  process.exit(1);
}

if (existsSync(stamp) && readFileSync(stamp).equals(readFileSync(requirements))) {
  console.log('The BigQuery emulator is installed.');
} else {
  const python = CANDIDATES.find((candidate) => candidate && isRecent(candidate));
  if (!python) {
    fail(
      `The BigQuery emulator needs Python ${MAJOR}.${MINOR} or later with its venv module, and none was found as ` +
        `${CANDIDATES.filter(Boolean).join(', ')}.\n` +
        'Install one (on Debian: apt-get install python3-venv), or name one: PYTHON=/path/to/python npm run emulator:install',
    );
  }
  console.log(`Installing the BigQuery emulator into ${environment} …`);
  rmSync(environment, { recursive: true, force: true });
  run(python, '-m', 'venv', environment);
  run(
    join(environment, 'bin', 'python'),
    ...['-m', 'pip', 'install', '--quiet', '--no-input', '--disable-pip-version-check'],
    ...['--only-binary', ':all:', '--no-deps', '--requirement', requirements],
  );
  copyFileSync(requirements, stamp);
  console.log('The BigQuery emulator is installed.');
}
