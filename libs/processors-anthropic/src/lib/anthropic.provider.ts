import { Provider } from '@pipelines/pipeline';
import { AnthropicSecret } from './anthropic.secret.ts';

/** Announces the provider and the secret that organizations store for it. */
@Provider({ name: 'anthropic', secret: AnthropicSecret })
export class AnthropicProvider {}
