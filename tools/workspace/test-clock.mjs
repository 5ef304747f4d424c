// Runs the specs under another clock: `npm run test:clock -- 2026-12-31T23:58:00Z [arguments of jest]`. The clock
// begins there and goes on; Node, PostgreSQL, DuckDB and whatever else the specs start have it.
import { spawn } from 'node:child_process';
import { existsSync, globSync } from 'node:fs';

const LIBRARIES = ['/usr/lib/*/faketime/libfaketimeMT.so.1', '/usr/lib*/faketime/libfaketimeMT.so.1'];

const [time = '', ...jestArguments] = process.argv.slice(2);
const [library] = globSync(LIBRARIES).filter((path) => existsSync(path));
if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?Z$/.test(time) || Number.isNaN(Date.parse(time))) {
  fail('Say when the clock begins, in UTC: npm run test:clock -- 2028-02-29T12:00:00Z [arguments of jest]');
}
if (library === undefined) {
  fail(
    `libfaketime is not installed (looked for ${LIBRARIES.join(' and ')}). Install it: apt-get install faketime`,
  );
}

const offset = Math.round((Date.parse(time) - Date.now()) / 1000);
const jest = spawn('npm', ['run', '--silent', 'jest', '--', ...jestArguments], {
  stdio: 'inherit',
  // A group of its own, so that a signal reaches Jest behind npm, too.
  detached: true,
  env: {
    ...process.env,
    LD_PRELOAD: library,
    // An offset, so that every process has the same time, whenever it starts.
    FAKETIME: `${offset < 0 ? '' : '+'}${offset}`,
    // Timers go by the clock that nobody sets.
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
    NODE_OPTIONS: `--import=${new URL('./inherit-clock.mjs', import.meta.url).href}`,
  },
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.kill(-jest.pid, signal));
jest.on('exit', (code) => process.exit(code ?? 1));

/** @type {(message: string) => never} */
function fail(message) {
  console.error(message);
  process.exit(1);
}
