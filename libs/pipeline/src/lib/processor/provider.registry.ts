import { Injectable } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import { nearestName } from '../errors/nearest-name.ts';
import { PipelineError } from '../errors/pipeline-error.ts';
import { ProviderMetadata, type ProviderDefinition } from './provider.decorator.ts';

/** The providers whose modules the application imports. */
@Injectable()
export class ProviderRegistry {
  #definitions?: ReadonlyMap<string, ProviderDefinition>;

  constructor(private readonly discovery: DiscoveryService) {}

  /** @throws PipelineError `provider_not_found` naming the known providers. */
  get(name: string): ProviderDefinition {
    const definitions = (this.#definitions ??= this.discover());
    const definition = definitions.get(name);
    if (!definition) {
      const known = [...definitions.keys()].sort();
      const nearest = nearestName(name, known);
      throw new PipelineError(
        'provider_not_found',
        `No provider is called "${name}".${nearest ? ` Did you mean "${nearest}"?` : ''} Known: ${known.join(', ') || 'none'}.`,
      );
    }
    return definition;
  }

  private discover(): ReadonlyMap<string, ProviderDefinition> {
    const definitions = new Map<string, ProviderDefinition>();
    for (const wrapper of this.discovery.getProviders({ metadataKey: ProviderMetadata.KEY })) {
      const definition = this.discovery.getMetadataByDecorator(ProviderMetadata, wrapper);
      if (!definition) continue;
      if (definitions.has(definition.name)) {
        throw new Error(`Two modules define the provider "${definition.name}"; names must be unique.`);
      }
      definitions.set(definition.name, definition);
    }
    return definitions;
  }
}
