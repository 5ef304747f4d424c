import { applyDecorators, Injectable, type Type } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';

/** What a processor announces of itself. */
export interface ProcessorDefinition {
  /** The value of `processor.class`; written out so that minifiers and renames cannot change it. */
  readonly name: string;
  /** The value of `processor.module`: the npm package that exports the class. */
  readonly module: string;
  /** The provider whose credential the processor needs. */
  readonly provider: string;
  /** class-validator class of `processor.options`; unknown keys are rejected. */
  readonly options: Type<object>;
}

/** Metadata key under which Nest's discovery finds processors. */
export const ProcessorMetadata = DiscoveryService.createDecorator<ProcessorDefinition>();

/** Marks an injectable class as a processor that pipelines can name in `processor.class`. */
export const Processor = (definition: ProcessorDefinition): ClassDecorator =>
  applyDecorators(Injectable(), ProcessorMetadata(definition));
