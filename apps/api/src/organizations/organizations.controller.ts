import { Body, Controller, Param, Post, Put } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ApiKeyStore, OrganizationStore } from '@pipelines/organizations';
import { CreatesOrganization, RequiresAccess, TakesApiKey } from '../access/access.decorators.ts';
import { AnswersProblems } from '../http/answers-problems.decorator.ts';
import { NewApiKeyDto, OrganizationDto } from './organization.dto.ts';
import { IssuedApiKeyView, OrganizationView } from './organization.view.ts';

/** Administration of organizations and their keys. */
@ApiTags('administration')
@TakesApiKey()
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
  @ApiOkResponse({ type: OrganizationView })
  @AnswersProblems('invalid_json', 'root_key_required', 'plan_managed_by_supabase')
  async put(
    @Param('org') org: string,
    @Body() { name, subscription, warehouse }: OrganizationDto,
  ): Promise<OrganizationView> {
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
      warehouse
        ? { project: warehouse.project ?? undefined, location: warehouse.location ?? undefined }
        : undefined,
    );
    return { org, name, subscription, warehouse };
  }

  @Post(':org/keys')
  @ApiOperation({ summary: 'Issue an API key; it is shown this once' })
  @ApiCreatedResponse({ type: IssuedApiKeyView })
  @AnswersProblems('invalid_json', 'root_key_required')
  async issueKey(@Param('org') org: string, @Body() { scopes }: NewApiKeyDto): Promise<IssuedApiKeyView> {
    return this.keys.issue(org, scopes);
  }
}
