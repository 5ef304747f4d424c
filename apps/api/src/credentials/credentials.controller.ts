import { Body, Controller, HttpCode, Param, Put } from '@nestjs/common';
import { ApiNoContentResponse, ApiOperation, ApiProperty, ApiTags } from '@nestjs/swagger';
import { CredentialStore } from '@pipelines/credentials';
import { IsObject } from 'class-validator';
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
    @Body() { secret }: CredentialDto,
  ): Promise<void> {
    await this.credentials.put(org, provider, secret);
  }
}
