// Preloaded under `npm run test:clock`. Gives the faked clock to every process that this one starts, also to those
// that are started with an environment of their own, as PostgreSQL and the service are; and to the times of files,
// which the kernel stamps by the true one.
import { ChildProcess } from 'node:child_process';
import { promises } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

const NAMES = ['LD_PRELOAD', 'FAKETIME', 'FAKETIME_DONT_FAKE_MONOTONIC', 'NODE_OPTIONS'];
const { spawn } = ChildProcess.prototype;

ChildProcess.prototype.spawn = function (options) {
  const pairs = options.envPairs;
  const missing = NAMES.filter((name) => !pairs.some((pair) => pair.startsWith(`${name}=`)));
  pairs.push(...missing.map((name) => `${name}=${process.env[name]}`));
  return spawn.call(this, options);
};

const offset = Number(process.env.FAKETIME);
const { stat, utimes } = promises;

promises.stat = async (...parameters) => {
  const stats = await stat(...parameters);
  if (typeof stats.mtimeMs === 'number') stats.mtimeMs += offset * 1000;
  return stats;
};
promises.utimes = (path, accessed, modified) => utimes(path, accessed - offset, modified - offset);
syncBuiltinESMExports();
