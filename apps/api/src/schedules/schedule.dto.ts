import { ApiProperty } from '@nestjs/swagger';
import { IsBoolean } from 'class-validator';

/** Whether the organization's pipeline runs by itself. */
export class ScheduleDto {
  @ApiProperty({
    type: Boolean,
    description: 'true: runs from the next occurrence on; false: starts nothing more and catches nothing up.',
  })
  @IsBoolean()
  enabled: boolean;
}
