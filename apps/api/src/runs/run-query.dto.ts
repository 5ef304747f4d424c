import { PipelineError } from '@pipelines/pipeline';
import { IsIn, IsOptional } from 'class-validator';

/** How a run request is to be taken. */
export class RunQueryDto {
  @IsOptional()
  @IsIn(['true', 'false'])
  dry_run?: 'true' | 'false';
}

/**
 * Reads the header Idempotency-Key: 1 to 255 printable ASCII characters.
 * @throws PipelineError `validation_failed`
 */
export function assertIdempotencyKey(value: string): string {
  if (/^[\x21-\x7e]{1,255}$/.test(value)) return value;
  throw new PipelineError(
    'validation_failed',
    'Idempotency-Key must have 1 to 255 printable ASCII characters without spaces, such as a UUID.',
    { facts: { field: 'Idempotency-Key' } },
  );
}
