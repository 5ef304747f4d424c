import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * Fails before anything is started when the port is taken.
 * @throws Error naming the port and what to do.
 */
export async function assertPortFree(port: number, host: string): Promise<void> {
  const probe = createServer();
  try {
    probe.listen(port, host);
    await once(probe, 'listening');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    throw new Error(
      `Port ${port} on ${host} is in use by another process. Stop that one, or choose another port: PORT=${port + 1} npm start`,
      { cause: error },
    );
  } finally {
    probe.close();
  }
}
