import { Inject, Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { nearestName, PipelineError, ProcessorFactory, type TableWriter } from '@pipelines/pipeline';
import type { ConfigProblem } from '../config-problem.ts';
import { CONFIG_RESOLVER_OPTIONS, type ConfigResolverOptions } from '../config-resolver.options.ts';
import { ENVIRONMENT, SEGMENT } from '../file/names.ts';
import { resolvePipeline } from '../run/resolve-run.ts';
import type { ResolvedPipeline, RunFacts } from '../run/resolved-pipeline.ts';
import type { TemplateVariables } from '../template/template.ts';
import type { CatalogEntry } from './catalog-entry.ts';
import { checkDependencies } from './check-dependencies.ts';
import { checkSharedTables } from './check-shared-tables.ts';
import { readConfigFiles } from './config-files.ts';
import { loadPipeline, SAMPLE, type LoadedPipeline } from './load-pipeline.ts';
import type { PipelineDefinition } from './pipeline-definition.ts';
import { pathOf, type PipelineIdentity } from './pipeline-identity.ts';
import { writerInto } from './writer-into.ts';

interface Loaded {
  readonly pipelines: ReadonlyMap<string, LoadedPipeline>;
  readonly problems: readonly ConfigProblem[];
}

/**
 * The pipelines that the configuration directory declares. Read once, when the application starts: by then every
 * processor is known. A file with problems refuses its own pipeline and no other.
 */
@Injectable()
export class PipelineCatalog implements OnApplicationBootstrap {
  readonly #logger = new Logger(PipelineCatalog.name);
  #loaded?: Loaded;

  constructor(
    @Inject(CONFIG_RESOLVER_OPTIONS) private readonly options: ConfigResolverOptions,
    private readonly processors: ProcessorFactory,
  ) {
    if (!ENVIRONMENT.test(options.env)) {
      throw new Error(`The environment "${options.env}" must match ${ENVIRONMENT.source}.`);
    }
  }

  onApplicationBootstrap(): void {
    for (const { file, line, column, message } of this.problems()) {
      this.#logger.warn(`${file}:${line}:${column} ${message}`);
    }
  }

  /** Every declared pipeline, valid or not, in the order of their paths. */
  entries(): CatalogEntry[] {
    return [...this.loaded().pipelines.values()].map(({ entry }) => entry);
  }

  /** Every problem of every file, those of files that lie where no pipeline can be declared among them. */
  problems(): readonly ConfigProblem[] {
    return this.loaded().problems;
  }

  /**
   * @throws PipelineError `invalid_path_segment`, `pipeline_not_found` naming the nearest pipeline, or
   * `pipeline_invalid` with the file's problems in its facts.
   */
  find(provider: string, domain: string, pipeline: string): PipelineDefinition {
    for (const [segment, name] of Object.entries({ provider, domain, pipeline })) {
      if (!SEGMENT.test(name)) {
        throw new PipelineError(
          'invalid_path_segment',
          `"${name.slice(0, 64)}" is not a legal ${segment}: it begins with a lower-case letter and holds lower-case letters, digits and _.`,
          { facts: { field: segment } },
        );
      }
    }
    const { entry, definition } = this.pipeline({ provider, domain, pipeline });
    if (!definition) {
      throw new PipelineError(
        'pipeline_invalid',
        `The pipeline ${pathOf(entry)} is refused because ${entry.file} has problems: ${entry.problems[0]!.message}`,
        { facts: { problems: entry.problems } },
      );
    }
    return definition;
  }

  /**
   * The configuration of one run of the pipeline.
   * @throws PipelineError `configuration_invalid` when what the templates resolve to is not legal.
   */
  resolveRun(definition: PipelineDefinition, { org, runId, window }: RunFacts): ResolvedPipeline {
    const variables = {
      org_slug: org,
      env: this.options.env,
      date: window.start,
      run_id: runId,
      window_start: window.start,
      window_end: window.end,
    };
    const { source } = this.pipeline(definition);
    const resolved = resolvePipeline(source!, definition, variables, this.processors);
    return { ...resolved, writers: this.writersOf(resolved.target.dataset, variables) };
  }

  /** Every pipeline that loads into the dataset, be its file refused, in the order of their paths. */
  writersInto(dataset: string, org: string): readonly TableWriter[] {
    return this.writersOf(dataset, { ...SAMPLE, org_slug: org, env: this.options.env });
  }

  private writersOf(dataset: string, variables: TemplateVariables): readonly TableWriter[] {
    return [...this.loaded().pipelines.values()].flatMap((pipeline) =>
      writerInto(dataset, pipeline, variables),
    );
  }

  private pipeline(identity: PipelineIdentity): LoadedPipeline {
    const { pipelines } = this.loaded();
    const id = pathOf(identity);
    const found = pipelines.get(id);
    if (!found) {
      const nearest = nearestName(id, [...pipelines.keys()]);
      throw new PipelineError(
        'pipeline_not_found',
        `There is no pipeline ${id}.${nearest ? ` Did you mean ${nearest}?` : ''}`,
        { facts: nearest ? { nearest } : {} },
      );
    }
    return found;
  }

  private loaded(): Loaded {
    return (this.#loaded ??= this.load());
  }

  private load(): Loaded {
    const { files, misplaced } = readConfigFiles(this.options.directory);
    const loaded = files.map((file) => loadPipeline(file, this.options.env, this.processors));
    const pipelines = checkSharedTables(checkDependencies(loaded));
    return {
      pipelines: new Map(pipelines.map((pipeline) => [pathOf(pipeline.entry), pipeline])),
      problems: [...misplaced, ...pipelines.flatMap(({ entry }) => entry.problems)],
    };
  }
}
