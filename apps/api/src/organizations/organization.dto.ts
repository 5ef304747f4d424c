import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { API_KEY_SCOPES, type ApiKeyScope } from '@pipelines/organizations';
import { Type } from 'class-transformer';
import {
  ArrayNotEmpty,
  ArrayUnique,
  IsArray,
  IsDate,
  IsIn,
  IsInt,
  IsOptional,
  IsString,
  Length,
  Matches,
  Max,
  Min,
  ValidateNested,
} from 'class-validator';

const MAX_LIMIT = 2_147_483_647;

/** A plan. A limit that is null or left out is unlimited. */
export class SubscriptionDto {
  @ApiProperty({
    type: String,
    description: 'ACTIVE and TRIAL may run; anything else may not.',
    example: 'TRIAL',
  })
  @IsString()
  @Length(1, 50)
  status: string;

  @ApiPropertyOptional({ type: String, format: 'date-time', nullable: true })
  @IsOptional()
  @Type(() => Date)
  @IsDate()
  trial_ends_at?: Date | null;

  @ApiPropertyOptional({ type: 'integer', minimum: 0, maximum: MAX_LIMIT, nullable: true })
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(MAX_LIMIT)
  daily_limit?: number | null;

  @ApiPropertyOptional({ type: 'integer', minimum: 0, maximum: MAX_LIMIT, nullable: true })
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(MAX_LIMIT)
  monthly_limit?: number | null;

  @ApiPropertyOptional({ type: 'integer', minimum: 0, maximum: MAX_LIMIT, nullable: true })
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(MAX_LIMIT)
  concurrent_limit?: number | null;
}

/** Where BigQuery keeps an organization's datasets and runs its jobs. What is null or left out is the service's own. */
export class WarehousePlaceDto {
  @ApiPropertyOptional({ type: String, nullable: true, example: 'acme-billing' })
  @IsOptional()
  @Matches(/^([a-z0-9.-]+:)?[a-z][a-z0-9-]{4,28}[a-z0-9]$/, {
    message: '$property must be the id of a Google Cloud project',
  })
  project?: string | null;

  @ApiPropertyOptional({ type: String, nullable: true, example: 'europe-west1' })
  @IsOptional()
  @Matches(/^[A-Za-z][A-Za-z0-9-]{1,62}$/, {
    message: '$property must be a location of BigQuery, such as EU or europe-west1',
  })
  location?: string | null;
}

/** An organization as it is to be. What is left out stays as it is. */
export class OrganizationDto {
  @ApiProperty({ type: String, example: 'Acme Corporation' })
  @IsString()
  @Length(1, 200)
  name: string;

  @ApiPropertyOptional({ type: SubscriptionDto })
  @IsOptional()
  @ValidateNested()
  @Type(() => SubscriptionDto)
  subscription?: SubscriptionDto;

  @ApiPropertyOptional({ type: WarehousePlaceDto })
  @IsOptional()
  @ValidateNested()
  @Type(() => WarehousePlaceDto)
  warehouse?: WarehousePlaceDto;
}

/** What a new key may do. */
export class NewApiKeyDto {
  @ApiProperty({ type: String, enum: API_KEY_SCOPES, isArray: true })
  @IsArray()
  @ArrayNotEmpty()
  @ArrayUnique()
  @IsIn(API_KEY_SCOPES, { each: true })
  scopes: ApiKeyScope[];
}
