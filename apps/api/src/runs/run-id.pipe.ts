import { Injectable, type PipeTransform } from '@nestjs/common';
import { PipelineError } from '@pipelines/pipeline';
import { isUUID } from 'class-validator';

/** Reads a run's id from the path, as the database writes it; what is no UUID names no run. */
@Injectable()
export class RunIdPipe implements PipeTransform<string, string> {
  /** @throws PipelineError `run_not_found` */
  transform(value: string): string {
    if (isUUID(value)) return value.toLowerCase();
    throw new PipelineError('run_not_found', `"${value.slice(0, 64)}" is not a run id.`);
  }
}
