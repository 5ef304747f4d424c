import { ApiPropertyOptional } from '@nestjs/swagger';
import { RUN_STATUSES, type RunStatus } from '@pipelines/runs';
import { Type } from 'class-transformer';
import { IsIn, IsInt, IsOptional, IsUUID, Matches, Max, Min } from 'class-validator';

const SEGMENT = /^[a-z][a-z0-9_]*$/;

/** Which runs to list, newest first. */
export class HistoryQueryDto {
  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: 200, default: 50 })
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(200)
  limit = 50;

  @ApiPropertyOptional({ type: String, description: '`next_cursor` of the page before.' })
  @IsOptional()
  @Matches(/^[A-Za-z0-9_-]+$/)
  cursor?: string;

  @ApiPropertyOptional({ type: String, enum: RUN_STATUSES })
  @IsOptional()
  @IsIn(RUN_STATUSES)
  status?: RunStatus;

  @ApiPropertyOptional({ type: String })
  @IsOptional()
  @Matches(SEGMENT)
  provider?: string;

  @ApiPropertyOptional({ type: String })
  @IsOptional()
  @Matches(SEGMENT)
  domain?: string;

  @ApiPropertyOptional({ type: String })
  @IsOptional()
  @Matches(SEGMENT)
  pipeline?: string;

  @ApiPropertyOptional({ type: String, format: 'uuid', description: 'The runs of this backfill.' })
  @IsOptional()
  @IsUUID()
  backfill_id?: string;
}
