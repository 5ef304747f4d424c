import { Injectable } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import { nearestName } from '../errors/nearest-name.ts';
import { PipelineError } from '../errors/pipeline-error.ts';
import type { PipelineProcessor } from './processor.ts';
import { ProcessorMetadata, type ProcessorDefinition } from './processor.decorator.ts';

/** A processor and what it announced of itself. */
export interface RegisteredProcessor {
  readonly definition: ProcessorDefinition;
  readonly instance: PipelineProcessor;
}

/**
 * Finds the processor that a pipeline names. The registry is closed: it holds the processors of the modules that
 * the application imports, and no path found in a configuration is ever loaded.
 */
@Injectable()
export class ProcessorFactory {
  #registered?: ReadonlyMap<string, RegisteredProcessor>;

  constructor(private readonly discovery: DiscoveryService) {}

  /**
   * @throws PipelineError `configuration_invalid` naming the known classes when there is none of this name, or
   * when the class belongs to another module.
   */
  find(className: string, moduleName: string): RegisteredProcessor {
    const known = this.registered();
    const found = known.get(className);
    if (!found) {
      const nearest = nearestName(className, [...known.keys()]);
      throw new PipelineError(
        'configuration_invalid',
        `processor.class: no processor is called "${className}".${nearest ? ` Did you mean "${nearest}"?` : ''}` +
          ` Known: ${[...known.keys()].sort().join(', ') || 'none'}.`,
        { facts: { field: 'processor.class' } },
      );
    }
    if (found.definition.module !== moduleName) {
      throw new PipelineError(
        'configuration_invalid',
        `processor.module: "${className}" is exported by "${found.definition.module}", not by "${moduleName}".`,
        { facts: { field: 'processor.module' } },
      );
    }
    return found;
  }

  private registered(): ReadonlyMap<string, RegisteredProcessor> {
    return (this.#registered ??= this.discover());
  }

  private discover(): ReadonlyMap<string, RegisteredProcessor> {
    const registered = new Map<string, RegisteredProcessor>();
    for (const wrapper of this.discovery.getProviders({ metadataKey: ProcessorMetadata.KEY })) {
      const definition = this.discovery.getMetadataByDecorator(ProcessorMetadata, wrapper);
      if (!definition) continue;
      if (registered.has(definition.name)) {
        throw new Error(`Two processors announce the name "${definition.name}"; names must be unique.`);
      }
      registered.set(definition.name, { definition, instance: wrapper.instance as PipelineProcessor });
    }
    return registered;
  }
}
