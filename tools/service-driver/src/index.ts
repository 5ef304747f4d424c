export { ApiClient, type ApiAnswer, type RunStatus } from './api-client.ts';
export { freePort } from './free-port.ts';
export { Resources } from './resources.ts';
export { runCommand } from './run-command.ts';
export { ServiceProcess } from './service-process.ts';
export { until } from './until.ts';
