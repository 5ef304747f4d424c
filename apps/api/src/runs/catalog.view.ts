import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import type { CatalogEntry, ConfigProblem } from '@pipelines/config-resolver';

/** What is wrong with a configuration file, and where. */
export class ConfigProblemView implements ConfigProblem {
  @ApiProperty({ type: String, description: 'Relative to the configuration directory.' })
  readonly file: string;

  @ApiProperty({ type: 'integer', minimum: 1 })
  readonly line: number;

  @ApiProperty({ type: 'integer', minimum: 1 })
  readonly column: number;

  @ApiPropertyOptional({ type: String, example: 'target.table' })
  readonly field?: string;

  @ApiProperty({ type: String })
  readonly message: string;
}

/** One pipeline of the installation, valid or not. */
export class CatalogEntryView implements CatalogEntry {
  @ApiProperty({ type: String })
  readonly provider: string;

  @ApiProperty({ type: String })
  readonly domain: string;

  @ApiProperty({ type: String })
  readonly pipeline: string;

  @ApiProperty({ type: String, description: 'Relative to the configuration directory.' })
  readonly file: string;

  @ApiPropertyOptional({ type: String })
  readonly description?: string;

  @ApiPropertyOptional({ type: String, description: '`dataset.table` as the file writes it.' })
  readonly target?: string;

  @ApiPropertyOptional({ type: String })
  readonly write_disposition?: string;

  @ApiProperty({ type: ConfigProblemView, isArray: true, description: 'Empty when the pipeline can run.' })
  readonly problems: readonly ConfigProblemView[];
}

/** The pipelines of the installation. */
export class CatalogView {
  @ApiProperty({ type: CatalogEntryView, isArray: true })
  readonly pipelines: readonly CatalogEntryView[];
}
