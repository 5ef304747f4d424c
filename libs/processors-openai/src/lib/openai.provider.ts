import { Provider } from '@pipelines/pipeline';
import { OpenAiSecret } from './openai.secret.ts';

/** Announces the provider and the secret that organizations store for it. */
@Provider({ name: 'openai', secret: OpenAiSecret })
export class OpenAiProvider {}
