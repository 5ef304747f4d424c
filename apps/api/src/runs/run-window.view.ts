import { ApiProperty } from '@nestjs/swagger';
import type { RunWindow } from '@pipelines/pipeline';

/** The UTC days of a run. */
export class RunWindowView implements RunWindow {
  @ApiProperty({ type: String, format: 'date', description: 'First UTC day.', example: '2026-11-01' })
  readonly start: string;

  @ApiProperty({
    type: String,
    format: 'date',
    description: 'Day after the last UTC day.',
    example: '2026-11-02',
  })
  readonly end: string;
}
