export type { CatalogEntry } from './lib/catalog/catalog-entry.ts';
export { PipelineCatalog } from './lib/catalog/pipeline.catalog.ts';
export type { PipelineDefinition } from './lib/catalog/pipeline-definition.ts';
export type { PipelineIdentity } from './lib/catalog/pipeline-identity.ts';
export type { ConfigProblem } from './lib/config-problem.ts';
export { ConfigResolverModule } from './lib/config-resolver.module.ts';
export type { ConfigResolverOptions } from './lib/config-resolver.options.ts';
export type { RetryPolicy } from './lib/file/retry-policy.ts';
export type { ResolvedPipeline, RunFacts } from './lib/run/resolved-pipeline.ts';
