import { join } from 'node:path';
import { freePort, ServiceProcess } from '@pipelines/service-driver';
import type { TestService } from './test-service.ts';

/** Starts another process on the state of the service, which does its part of the work. */
export async function startBeside(
  service: TestService,
  role: 'api' | 'worker',
  name: string,
): Promise<ServiceProcess> {
  return ServiceProcess.start(
    { ...service.environment, ROLE: role },
    await freePort(),
    join(service.directory, `${name}.log`),
  );
}
