import { ApiProperty } from '@nestjs/swagger';
import { OrganizationDto } from './organization.dto.ts';

/** An organization as it is now; its subscription and its place in the warehouse when they were given. */
export class OrganizationView extends OrganizationDto {
  @ApiProperty({ type: String, example: 'acme_corp' })
  org: string;
}

/** A new key, shown this once. */
export class IssuedApiKeyView {
  @ApiProperty({ type: String, format: 'uuid' })
  readonly id: string;

  @ApiProperty({ type: String, description: 'Only its hash is kept: store it now.' })
  readonly key: string;
}
