import { toDecimalText } from '../../deterministic/fixed-point.ts';
import { rawNumber } from '../../deterministic/raw-number.ts';
import { BILLING_ACCOUNT } from './billing-account.ts';
import { metersOf } from './meters.ts';

/** What the pricing export gets on a day: the prices of every SKU that is used, with a tenth off for some. */
export function pricingRowsOf(seed: string, date: string): Record<string, unknown>[] {
  return metersOf(seed, 'USD').map(({ sku, unit }, index) => {
    const discount = index % 3 === 0 ? 10n : 0n;
    const rates = (percent: bigint) =>
      sku.tiers.map(({ start, nanos }) => {
        const amount = toDecimalText((nanos * percent) / 100n, 9);
        return {
          pricing_unit_quantity: 1,
          start_usage_amount: rawNumber(start),
          usd_amount: amount,
          account_currency_amount: amount,
        };
      });
    const aggregation_info = { aggregation_level: 'ACCOUNT', aggregation_interval: 'ONE_MONTH' };
    return {
      export_time: `${date}T20:15:00.000000Z`,
      pricing_as_of_time: `${date}T08:00:00Z`,
      billing_account_id: BILLING_ACCOUNT,
      business_entity_name: 'GCP',
      service: { id: sku.service.id, description: sku.service.name },
      sku: {
        id: sku.id,
        description: `${sku.product.description} in ${sku.region}`,
        destination_migration_mappings: [],
      },
      product_taxonomy: ['GCP', sku.product.family, sku.product.group],
      geo_taxonomy: { type: 'REGIONAL', regions: [sku.region] },
      pricing_unit: sku.product.unit,
      pricing_unit_description: unit,
      account_currency_code: 'USD',
      currency_conversion_rate: '1',
      list_price: { aggregation_info, tiered_rates: rates(100n) },
      billing_account_price: {
        price_info: {
          price_reason: discount === 0n ? 'DEFAULT_PRICE' : 'FIXED_DISCOUNT',
          discount_percent: discount === 0n ? null : String(discount),
        },
        aggregation_info,
        tiered_rates: rates(100n - discount),
      },
      consumption_model_prices:
        sku.product.family === 'Compute'
          ? [
              {
                consumption_model_id: '6E1D-5A9A-2A71',
                consumption_model_display_name: 'Flexible commitment, 1 year',
                list_price: { aggregation_info, tiered_rates: rates(72n) },
                billing_account_price: {
                  price_info: { price_reason: 'FLOATING_DISCOUNT', discount_percent: '28' },
                  aggregation_info,
                  tiered_rates: rates(72n - discount),
                },
              },
            ]
          : [],
    };
  });
}
