import { MAX_WINDOW_DAYS, WRITE_DISPOSITIONS, type WriteDisposition } from '@pipelines/pipeline';
import {
  IsIn,
  IsInt,
  IsNotEmpty,
  IsObject,
  IsString,
  IsTimeZone,
  Matches,
  Max,
  MaxLength,
  Min,
} from 'class-validator';
import { CATCH_UPS, type CatchUp } from '../schedule/pipeline-schedule.ts';
import { IsColumnList } from './is-column-list.decorator.ts';
import { IsCron } from './is-cron.decorator.ts';
import { IsDuration } from './is-duration.decorator.ts';
import { IsPipelineList } from './is-pipeline-list.decorator.ts';
import { IDENTIFIER, SEGMENT } from './names.ts';
import { Optional, Section } from './section.decorator.ts';

/** Limits of the file's fields, shared with the JSON Schema for editors. */
export const LIMITS = {
  descriptionLength: 500,
  lookbackDays: MAX_WINDOW_DAYS,
  /** The last day that every month has. */
  restateUntilDay: 28,
  retries: 10,
  retryDelay: '1h',
  jitter: '6h',
  /** The queue takes a run from a worker that has had it for 23 hours. */
  timeout: '22h',
  /** BigQuery's limit of clustering columns. */
  clusterColumns: 4,
} as const;

const isSegment = {
  message: '$property must begin with a lower-case letter and hold lower-case letters, digits and _',
};
const isIdentifier = {
  message:
    '$property must begin with a lower-case letter and hold lower-case letters, digits and _, at most 128 characters',
};

class PipelineSection {
  @Matches(SEGMENT, isSegment) name: string;
  @Matches(SEGMENT, isSegment) provider: string;
  @Matches(SEGMENT, isSegment) domain: string;
  @Optional() @IsString() @MaxLength(LIMITS.descriptionLength) description?: string;
}

class ProcessorSection {
  @IsString() @IsNotEmpty() class: string;
  @IsString() @IsNotEmpty() module: string;
  @Optional() @IsObject({ message: '$property must be a mapping' }) options: Record<string, unknown> = {};
}

class TargetSection {
  @Matches(IDENTIFIER, isIdentifier) dataset: string;
  @Matches(IDENTIFIER, isIdentifier) table: string;
  @Optional() @IsIn(WRITE_DISPOSITIONS) write_disposition?: WriteDisposition;
  @Optional() @IsString() partition?: string;
  @Optional() @IsColumnList(LIMITS.clusterColumns) cluster?: string[];
  @Optional() @IsColumnList() merge_key?: string[];
  /** Name of the organization's credential for the warehouse. */
  @Optional() @Matches(SEGMENT, isSegment) credentials?: string;
}

class WindowSection {
  @Optional() @IsIn(['yesterday', 'today']) default: 'yesterday' | 'today' = 'yesterday';
  @Optional() @IsInt() @Min(1) @Max(LIMITS.lookbackDays) lookback_days: number = 1;
  @Optional() @IsInt() @Min(1) @Max(LIMITS.restateUntilDay) restate_previous_month_until_day?: number;
  @Optional() @IsInt() @Min(1) @Max(LIMITS.lookbackDays) backfill_days: number = 1;
}

class RetrySection {
  @Optional() @IsInt() @Min(0) @Max(LIMITS.retries) limit: number = 3;
  @Optional() @IsDuration(LIMITS.retryDelay) delay: string = '30s';
}

class ScheduleSection {
  @IsCron() cron: string;
  @Optional()
  @IsTimeZone({ message: '$property must be a name of the IANA time zone database, such as "Europe/Berlin"' })
  timezone: string = 'UTC';
  @Optional() @IsDuration(LIMITS.jitter) jitter?: string;
  @Optional() @IsIn(CATCH_UPS) catch_up: CatchUp = 'all';
}

/** The sections that say what a run loads, where to, and with which credential; their templates are filled for each run. */
export class LoadSections {
  @Section(ProcessorSection) processor: ProcessorSection;
  @Section(TargetSection) target: TargetSection;
  /** Name of the organization's credential for the provider. */
  @Optional() @Matches(SEGMENT, isSegment) credentials: string = 'default';
}

/** The content of one configuration file with its templates substituted. Unknown keys are refused. */
export class PipelineFile extends LoadSections {
  @Section(PipelineSection) pipeline: PipelineSection;
  @Optional() @Section(WindowSection) window: WindowSection = new WindowSection();
  @Optional() @Section(RetrySection) retry: RetrySection = new RetrySection();
  @Optional() @IsDuration(LIMITS.timeout) timeout: string = '30m';
  /** Pipelines whose runs of a day a scheduled run of that day waits for. */
  @Optional() @IsPipelineList() depends_on: string[] = [];
  /** When the pipeline runs by itself, for the organizations that switch it on. */
  @Optional() @Section(ScheduleSection) schedule?: ScheduleSection;
}
