import { ApiProperty } from '@nestjs/swagger';
import { RunStatusView } from './run-status.view.ts';

/** One page of an organization's runs, newest first. */
export class HistoryPageView {
  @ApiProperty({ type: RunStatusView, isArray: true })
  readonly runs: readonly RunStatusView[];

  @ApiProperty({ type: String, nullable: true, description: '`cursor` of the next page; null on the last.' })
  readonly next_cursor: string | null;
}
