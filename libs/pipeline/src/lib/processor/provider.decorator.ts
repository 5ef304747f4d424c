import { applyDecorators, Injectable, type Type } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';

/** What a provider lib announces of the provider itself. */
export interface ProviderDefinition {
  /** The path segment: `openai`, `gcp`, … */
  readonly name: string;
  /**
   * class-validator class of the secret that organizations store for this provider. Absent when it needs none, because its
   * pipelines read nothing but the warehouse.
   */
  readonly secret?: Type<object>;
}

/** Metadata key under which Nest's discovery finds providers. */
export const ProviderMetadata = DiscoveryService.createDecorator<ProviderDefinition>();

/** Marks an injectable class as the definition of a provider. Each provider lib has exactly one. */
export const Provider = (definition: ProviderDefinition): ClassDecorator =>
  applyDecorators(Injectable(), ProviderMetadata(definition));
