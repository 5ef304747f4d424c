import { ArrayNotEmpty, IsArray, IsOptional, Matches } from 'class-validator';

/** `processor.options` of a pricing-catalog pipeline. */
export class GcpBillingCatalogOptions {
  /** ISO 4217 code of the currency that prices are asked in. Default `USD`. */
  @Matches(/^[A-Z]{3}$/)
  currency_code: string = 'USD';

  /** Ids of the services to load, such as `6F81-5844-456A`. Default: every service of the catalog. */
  @IsOptional()
  @IsArray()
  @ArrayNotEmpty()
  @Matches(/^[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{4}$/, { each: true })
  service_ids?: string[];
}
