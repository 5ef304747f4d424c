import { liftHeapLimits } from './heap-limits.ts';
import 'reflect-metadata';
import { flushCompileCache } from 'node:module';
import { join, resolve } from 'node:path';
import { assertPortFree } from './embedded/assert-port-free.ts';
import { ensureDemoOrganization } from './embedded/demo-organization.ts';
import { prepareParts } from './embedded/embedded-parts.ts';
import { welcome } from './embedded/welcome.ts';
import { createService } from './service.ts';
import { parseSettings } from './settings/parse-settings.ts';

/** Connections that may wait to be accepted when many come at once; past it they are reset. The system may allow fewer. */
const CONNECTION_BACKLOG = 4_096;

/** Runs the service until it is told to stop, and then stops all that it started, in order. */
async function main(): Promise<void> {
  const settings = parseSettings(process.env);
  if (settings.ROLE === 'api') liftHeapLimits();
  const embedded = settings.DATABASE_URL === undefined;
  const stopRequested = Promise.withResolvers<number>();
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => stopRequested.resolve(0));
  await assertPortFree(settings.PORT, settings.HOST);

  const { parts, sandboxCredentials, notice, stop } = await prepareParts(settings, () =>
    stopRequested.resolve(1),
  );
  try {
    // A service that could not be put together has nothing that outlives this process.
    const app = await createService(parts);
    try {
      const keyPath = join(resolve(settings.DATA_DIR), 'demo-api.key');
      const demoKey = embedded && (await ensureDemoOrganization(app, keyPath, sandboxCredentials));
      await app.listen({ port: settings.PORT, host: settings.HOST, backlog: CONNECTION_BACKLOG });
      // With NODE_COMPILE_CACHE the next process starts faster, however this one ends; Node itself writes it only in the end.
      flushCompileCache();
      if (demoKey) console.log(welcome(settings.HOST, settings.PORT, demoKey, notice));
      process.exitCode = await stopRequested.promise;
    } finally {
      await app.close();
    }
  } finally {
    await stop();
  }
}

try {
  await main();
  process.exit();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
