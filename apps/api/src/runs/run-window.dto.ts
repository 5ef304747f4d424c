import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsOptional, IsString } from 'class-validator';

/** The days to load. Nothing given: the pipeline's own window, or yesterday. */
export class RunWindowDto {
  @ApiPropertyOptional({ type: String, format: 'date', description: 'One UTC day.', example: '2026-11-01' })
  @IsOptional()
  @IsString()
  date?: string;

  @ApiPropertyOptional({ type: String, format: 'date', description: 'First UTC day.' })
  @IsOptional()
  @IsString()
  start_date?: string;

  @ApiPropertyOptional({ type: String, format: 'date', description: 'Day after the last UTC day.' })
  @IsOptional()
  @IsString()
  end_date?: string;
}
