import { ApiProperty } from '@nestjs/swagger';
import { RUN_STATUSES, type RunStatus } from '@pipelines/runs';
import { RunIdentityView } from './run-identity.view.ts';

/** A run that was admitted and waits for a worker, or that an earlier request with the same key has started. */
export class RunAcceptedView extends RunIdentityView {
  @ApiProperty({ enum: RUN_STATUSES, description: 'pending, unless an earlier request has started the run.' })
  readonly status: RunStatus;
}
