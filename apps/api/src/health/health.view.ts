import { ApiProperty } from '@nestjs/swagger';

const VERDICTS = ['ok', 'unavailable'] as const;

/** Whether something answers. */
export type Verdict = (typeof VERDICTS)[number];

/** The process answers. */
export class LivenessView {
  @ApiProperty({ type: String, enum: ['ok'] })
  readonly status: 'ok';
}

/** What the service depends on. */
export class ReadinessChecksView {
  @ApiProperty({ type: String, enum: VERDICTS })
  readonly database: Verdict;

  @ApiProperty({ type: String, enum: VERDICTS })
  readonly warehouse: Verdict;
}

/** Whether the service can do its work. */
export class ReadinessView {
  @ApiProperty({ type: String, enum: VERDICTS })
  readonly status: Verdict;

  @ApiProperty({ type: ReadinessChecksView })
  readonly checks: ReadinessChecksView;
}
