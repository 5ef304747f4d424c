import { Body, Controller, HttpCode, Param, Put } from '@nestjs/common';
import { ApiOperation, ApiProperty, ApiSecurity, ApiTags } from '@nestjs/swagger';
import { CredentialStore } from '@pipelines/credentials';
import { IsObject } from 'class-validator';
import { RequiresAccess } from '../access/access.decorators.ts';

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
@ApiSecurity('api-key')
@RequiresAccess('root')
@Controller('api/v1/credentials')
export class CredentialsController {
  constructor(private readonly credentials: CredentialStore) {}

  @Put(':org/:provider')
  @HttpCode(204)
  @ApiOperation({ summary: "Store an organization's credential for a provider" })
  async put(
    @Param('org') org: string,
    @Param('provider') provider: string,
    @Body() { secret }: CredentialDto,
  ) {
    await this.credentials.put(org, provider, secret);
  }
}
