import type { ConfigProblem } from '../config-problem.ts';
import type { PipelineIdentity } from './pipeline-identity.ts';

/** One pipeline as the catalog lists it, valid or not. */
export interface CatalogEntry extends PipelineIdentity {
  /** Path of its file, relative to the configuration directory. */
  readonly file: string;
  readonly description?: string;
  /** `dataset.table` as the file writes it, templates included. */
  readonly target?: string;
  readonly write_disposition?: string;
  /** Why the pipeline is refused; empty when it can run. */
  readonly problems: readonly ConfigProblem[];
}
