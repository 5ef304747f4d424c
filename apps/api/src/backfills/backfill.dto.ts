import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsBoolean, IsInt, IsString, Max, Min } from 'class-validator';

/** The days to load, and how fast. */
export class BackfillDto {
  @ApiProperty({ type: String, format: 'date', description: 'First UTC day.', example: '2026-10-01' })
  @IsString()
  start_date: string;

  @ApiProperty({ type: String, format: 'date', description: 'Day after the last UTC day.' })
  @IsString()
  end_date: string;

  @ApiPropertyOptional({
    type: 'integer',
    minimum: 1,
    maximum: 100,
    default: 4,
    description: 'Runs of the backfill that may be unfinished at once; the plan may allow fewer.',
  })
  @IsInt()
  @Min(1)
  @Max(100)
  max_concurrent = 4;

  @ApiPropertyOptional({
    type: Boolean,
    default: false,
    description: 'Leave out the days that a completed run has loaded since they were over.',
  })
  @IsBoolean()
  only_missing = false;
}
