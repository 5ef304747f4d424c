import { Transform } from 'class-transformer';
import { IsString, Matches, MaxLength } from 'class-validator';

/**
 * The credential that an organization stores: an admin key, which alone may read the usage and cost reports. Keys of
 * other shapes are accepted, for servers that speak the same API.
 */
export class AnthropicSecret {
  @Transform(({ value }) => (typeof value === 'string' ? value.trim() : (value as unknown)))
  @IsString({ message: 'api_key: give the admin key as a string' })
  @MaxLength(512, { message: 'api_key: longer than 512 characters, so it is not a key' })
  @Matches(/^[\x21-\x7e]+$/, {
    message: 'api_key: must not contain spaces, line breaks or control characters',
  })
  @Matches(/^(?!sk-ant-api\d)/, {
    message: 'api_key: this is an ordinary API key; an admin key (sk-ant-admin01-…) is needed',
  })
  api_key: string;
}
