// `npm ci` installs the Node this workspace is pinned to; npm scripts find it before the host's.
const major = Number(process.versions.node.split('.')[0]);
if (major !== 24) {
  console.error(
    `This workspace runs on Node 24; this shell runs ${process.version}.\n` +
      'On Linux (x64, arm64) `npm ci` installs Node 24 beside the dependencies: run it, without --omit=optional.\n' +
      'On another platform install Node 24 yourself.',
  );
  process.exit(1);
}
