import { build } from 'rolldown';

/** Hold native parts, or files beside their modules. */
const LOADED_FROM_NODE_MODULES = [/^@duckdb\//, 'swagger-ui-dist'];

/** Parts of Nest and of the PostgreSQL client that a service may have; this one does not. */
const NOT_INSTALLED = [
  '@fastify/multipart',
  '@fastify/view',
  /^@nestjs\/(microservices|platform-express|websockets)/,
  'pg-native',
];

const TYPEORM_COMPAT = /@nestjs.typeorm.dist.common.typeorm-compat\.js$/;
/** Nest's module for TypeORM asks it at run time for two classes that 1.0 removed, and would so load a second TypeORM. */
const ONE_TYPEORM = {
  name: 'one-typeorm',
  load: {
    filter: { id: TYPEORM_COMPAT },
    handler: () => 'export const Connection = undefined, AbstractRepository = undefined;',
  },
  buildEnd() {
    if ([...this.getModuleIds()].some((id) => TYPEORM_COMPAT.test(id))) return;
    this.error('@nestjs/typeorm no longer has the module that would load a second TypeORM; see what does.');
  },
};

// A process of the service is started for every deployment, crash and scale-out. Out of a few files it is ready in half the
// CPU time that it takes to find and open the 3,400 that it is made of. Decorated classes keep their names, by which
// Nest and TypeORM tell them.
await build({
  cwd: import.meta.dirname,
  input: 'dist/main.js',
  platform: 'node',
  external: [...LOADED_FROM_NODE_MODULES, ...NOT_INSTALLED],
  plugins: [ONE_TYPEORM],
  output: {
    dir: 'dist/bundle',
    cleanDir: true,
    format: 'esm',
    sourcemap: true,
  },
  logLevel: 'warn',
});
