export {
  startProviderSandbox,
  type ProviderSandbox,
  type ProviderSandboxOptions,
} from './lib/start-provider-sandbox.ts';
