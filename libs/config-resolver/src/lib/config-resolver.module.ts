import { Module } from '@nestjs/common';
import { PipelineCatalog } from './catalog/pipeline.catalog.ts';
import { ConfigurableModuleClass } from './config-resolver.options.ts';

/** The catalog of pipelines. Needs the global `ProcessorsModule`; register with `forRootAsync`. */
@Module({ providers: [PipelineCatalog], exports: [PipelineCatalog] })
export class ConfigResolverModule extends ConfigurableModuleClass {}
