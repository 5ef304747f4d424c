const swc = [
  '@swc/jest',
  {
    swcrc: false,
    module: { type: 'es6' },
    jsc: {
      target: 'es2024',
      parser: { syntax: 'typescript', decorators: true },
      transform: {
        legacyDecorator: true,
        decoratorMetadata: true,
        useDefineForClassFields: true,
        verbatimModuleSyntax: true,
      },
      keepClassNames: true,
    },
    sourceMaps: 'inline',
  },
];

const project = (displayName, testMatch, extra = {}) => ({
  displayName,
  testMatch,
  testEnvironment: 'node',
  testEnvironmentOptions: { customExportConditions: ['@pipelines/source', 'node', 'node-addons'] },
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '\\.ts$': swc },
  setupFiles: ['reflect-metadata'],
  modulePathIgnorePatterns: ['/dist/', '/.data/', '/.nx/', '/.venv/'],
  ...extra,
});

const postgres = {
  globalSetup: '<rootDir>/libs/database/src/testing/global-setup.ts',
  globalTeardown: '<rootDir>/libs/database/src/testing/global-teardown.ts',
};

/** Unit specs do no I/O; integration specs use real PostgreSQL and DuckDB; e2e specs run the built service. */
export default {
  workerIdleMemoryLimit: '512MB',
  testTimeout: 30_000,
  maxConcurrency: 2,
  projects: [
    project('unit', ['**/src/**/*.spec.ts']),
    project('integration', ['**/src/**/*.integration-spec.ts'], postgres),
    project('e2e', ['**/src/**/*.e2e-spec.ts'], postgres),
  ],
};
