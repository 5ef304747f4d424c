import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import type { ErrorCode } from '@pipelines/pipeline';
import { PROBLEM_STATUS } from './problem-status.ts';

/** A refusal as RFC 9457 writes it. The facts of an error stand beside these members. */
export class ProblemView {
  @ApiProperty({ type: String, format: 'uri', example: 'urn:pipelines:problem:run_not_found' })
  type: string;

  @ApiProperty({ type: String, example: 'Not Found' })
  title: string;

  @ApiProperty({ type: 'integer', example: 404 })
  status: number;

  @ApiProperty({ type: String, description: 'What was wrong, where, and what to do.' })
  detail: string;

  @ApiPropertyOptional({ type: String, description: 'The path of the request.' })
  instance?: string;

  @ApiPropertyOptional({
    type: String,
    enum: Object.keys(PROBLEM_STATUS),
    description: 'Stable; docs/errors.md tells what each means. Absent when no request could be read.',
  })
  code?: ErrorCode;

  @ApiPropertyOptional({ type: String, format: 'uuid', description: 'The `req.id` of the log.' })
  request_id?: string;
}
