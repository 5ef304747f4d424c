import { ApiProperty } from '@nestjs/swagger';
import { RunWindowView } from './run-window.view.ts';

/** Where a run can be followed. */
export class RunLinksView {
  @ApiProperty({ type: String, format: 'uri-reference' })
  readonly status: string;
}

/** What of a run never changes. */
export class RunIdentityView {
  @ApiProperty({ type: String, format: 'uuid' })
  readonly run_id: string;

  @ApiProperty({ type: String, example: 'acme_corp' })
  readonly org: string;

  @ApiProperty({ type: String, example: 'openai' })
  readonly provider: string;

  @ApiProperty({ type: String, example: 'cost' })
  readonly domain: string;

  @ApiProperty({ type: String, example: 'costs_daily' })
  readonly pipeline: string;

  @ApiProperty({ type: RunWindowView })
  readonly window: RunWindowView;

  @ApiProperty({ type: RunLinksView })
  readonly links: RunLinksView;
}
