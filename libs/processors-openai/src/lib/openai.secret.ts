import { Disclosed } from '@pipelines/pipeline';
import { Transform } from 'class-transformer';
import { IsOptional, IsString, Matches, MaxLength } from 'class-validator';

/**
 * The credential that an organization stores: an admin key, which alone may read costs and usage. Keys of other
 * shapes are accepted, for servers that speak the same API.
 */
export class OpenAiSecret {
  @Transform(({ value }) => (typeof value === 'string' ? value.trim() : (value as unknown)))
  @IsString({ message: 'api_key: give the admin key as a string' })
  @MaxLength(512, { message: 'api_key: longer than 512 characters, so it is not a key' })
  @Matches(/^[\x21-\x7e]+$/, {
    message: 'api_key: must not contain spaces, line breaks or control characters',
  })
  @Matches(/^(?!sk-(proj|svcacct)-)/, {
    message: 'api_key: this is a project key; an admin key (sk-admin-…) is needed',
  })
  api_key: string;

  /** The organization that the key belongs to. The cost table names it where the API does not. */
  @Disclosed()
  @IsOptional()
  @Matches(/^org-[\w-]{1,100}$/, {
    message: 'organization_id: must look like org-…, as the settings page shows it',
  })
  organization_id?: string;

  /** What to call the organization in the cost table, since the API tells no name. */
  @Disclosed()
  @IsOptional()
  @IsString({ message: 'organization_name: give a text' })
  @MaxLength(200, { message: 'organization_name: longer than 200 characters' })
  organization_name?: string;
}
