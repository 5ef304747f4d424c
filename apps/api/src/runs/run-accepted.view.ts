import { ApiProperty } from '@nestjs/swagger';
import { RunIdentityView } from './run-identity.view.ts';

/** A run that was admitted and waits for a worker. */
export class RunAcceptedView extends RunIdentityView {
  @ApiProperty({ type: String, enum: ['pending'] })
  readonly status: 'pending';
}
