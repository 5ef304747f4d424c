import { ApiProperty } from '@nestjs/swagger';
import { WRITE_DISPOSITIONS, type WriteDisposition } from '@pipelines/pipeline';
import type { LimitStatus } from '@pipelines/quota';
import type { RunPreview } from '@pipelines/runs';
import { limitView, LimitView } from '../quota/quota.view.ts';
import { RunWindowView } from './run-window.view.ts';

/** Where a run would load to. */
export class RunTargetView {
  @ApiProperty({ type: String })
  readonly dataset: string;

  @ApiProperty({ type: String })
  readonly table: string;

  @ApiProperty({ type: String, enum: WRITE_DISPOSITIONS })
  readonly write_disposition: WriteDisposition;
}

/** What a run would do, told without doing it. Nothing of a credential is in it. */
export class RunPreviewView {
  @ApiProperty({ type: Boolean, description: 'Whether the plan allows the run now.' })
  readonly would_admit: boolean;

  @ApiProperty({
    type: Object,
    nullable: true,
    description: 'Why it does not: `code`, `detail` and the facts.',
  })
  readonly refusal: object | null;

  @ApiProperty({
    type: [LimitView],
    nullable: true,
    description:
      'The limits of the plan before the run, which would take one of each. Null without a subscription.',
  })
  readonly limits: readonly LimitView[] | null;

  @ApiProperty({ type: RunWindowView })
  readonly window: RunWindowView;

  @ApiProperty({ type: RunTargetView })
  readonly target: RunTargetView;

  @ApiProperty({ type: String, description: 'Class of the processor.' })
  readonly processor: string;

  @ApiProperty({ type: Object, description: "The processor's options, defaults filled in." })
  readonly options: object;

  @ApiProperty({ type: String, description: 'Name of the credential that would be used.' })
  readonly credentials: string;

  @ApiProperty({ type: 'integer', description: 'Longest time of one attempt, in milliseconds.' })
  readonly timeout_ms: number;

  @ApiProperty({ type: String, description: 'SHA-256 of the resolved configuration.' })
  readonly config_hash: string;
}

/** The preview as the API shows it. */
export function previewView(
  { window, pipeline, refusal }: RunPreview,
  limits?: readonly LimitStatus[],
): RunPreviewView {
  const { dataset, table, writeDisposition } = pipeline.target;
  return {
    would_admit: refusal === undefined,
    refusal: refusal ? { ...refusal.facts, code: refusal.code, detail: refusal.message } : null,
    limits: limits ? limits.map(limitView) : null,
    window,
    target: { dataset, table, write_disposition: writeDisposition },
    processor: pipeline.processorClass,
    options: pipeline.options,
    credentials: pipeline.credentials,
    timeout_ms: pipeline.timeoutMs,
    config_hash: pipeline.hash,
  };
}
