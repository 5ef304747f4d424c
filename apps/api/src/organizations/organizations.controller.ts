import { Body, Controller, Param, Post, Put } from '@nestjs/common';
import { ApiOperation, ApiSecurity, ApiTags } from '@nestjs/swagger';
import { ApiKeyStore, OrganizationStore } from '@pipelines/organizations';
import { CreatesOrganization, RequiresAccess } from '../access/access.decorators.ts';
import { NewApiKeyDto, OrganizationDto } from './organization.dto.ts';

/** Administration of organizations and their keys. */
@ApiTags('administration')
@ApiSecurity('api-key')
@RequiresAccess('root')
@Controller('api/v1/organizations')
export class OrganizationsController {
  constructor(
    private readonly organizations: OrganizationStore,
    private readonly keys: ApiKeyStore,
  ) {}

  @Put(':org')
  @CreatesOrganization()
  @ApiOperation({ summary: 'Create or change an organization' })
  async put(@Param('org') org: string, @Body() { name, subscription }: OrganizationDto) {
    await this.organizations.put(
      org,
      name,
      subscription && {
        status: subscription.status,
        trialEndsAt: subscription.trial_ends_at ?? null,
        dailyLimit: subscription.daily_limit ?? null,
        monthlyLimit: subscription.monthly_limit ?? null,
        concurrentLimit: subscription.concurrent_limit ?? null,
      },
    );
    return { org, name, subscription };
  }

  @Post(':org/keys')
  @ApiOperation({ summary: 'Issue an API key; it is shown this once' })
  async issueKey(@Param('org') org: string, @Body() { scopes }: NewApiKeyDto) {
    return this.keys.issue(org, scopes);
  }
}
