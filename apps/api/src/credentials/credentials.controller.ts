import { Body, Controller, HttpCode, Param, Put } from '@nestjs/common';
import {
  ApiNoContentResponse,
  ApiOperation,
  ApiProperty,
  ApiPropertyOptional,
  ApiTags,
} from '@nestjs/swagger';
import { CredentialStore } from '@pipelines/credentials';
import { IsObject, IsOptional, Matches } from 'class-validator';
import { RequiresAccess, TakesApiKey } from '../access/access.decorators.ts';
import { AnswersProblems } from '../http/answers-problems.decorator.ts';

/** A credential to be stored; never shown again. */
export class CredentialDto {
  @ApiProperty({
    type: Object,
    description: "The provider's own shape: `{api_key}` for openai, the service-account key for gcp.",
    additionalProperties: true,
  })
  @IsObject()
  secret: object;

  @ApiPropertyOptional({
    type: String,
    default: 'default',
    description: 'By which pipelines ask for it, where an organization has several of one provider.',
  })
  @IsOptional()
  @Matches(/^[a-z][a-z0-9_]{0,62}$/, {
    message: '$property must begin with a lower-case letter and hold lower-case letters, digits and _',
  })
  name?: string;
}

/** Stores credentials; there is no endpoint that reads one. */
@ApiTags('administration')
@TakesApiKey()
@RequiresAccess('root')
@Controller('api/v1/credentials')
export class CredentialsController {
  constructor(private readonly credentials: CredentialStore) {}

  @Put(':org/:provider')
  @HttpCode(204)
  @ApiOperation({ summary: "Store an organization's credential for a provider" })
  @ApiNoContentResponse({ description: 'Stored in the place of the one before.' })
  @AnswersProblems('invalid_json', 'root_key_required', 'provider_not_found', 'credential_malformed')
  async put(
    @Param('org') org: string,
    @Param('provider') provider: string,
    @Body() { secret, name }: CredentialDto,
  ): Promise<void> {
    await this.credentials.put(org, provider, secret, name ?? undefined);
  }
}
