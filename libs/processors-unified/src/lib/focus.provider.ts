import { Provider } from '@pipelines/pipeline';

/** FOCUS as a provider of pipelines: it reads what the other providers' pipelines loaded, and has no credential. */
@Provider({ name: 'focus' })
export class FocusProvider {}
