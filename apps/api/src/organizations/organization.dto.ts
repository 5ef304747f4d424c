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

/** An organization as it is to be. */
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
