import { Provider } from '@pipelines/pipeline';
import { GcpSecret } from './gcp.secret.ts';

/** Announces the provider and the secret that organizations store for it. */
@Provider({ name: 'gcp', secret: GcpSecret })
export class GcpProvider {}
