import type { TableSchema } from '@pipelines/pipeline';

/** The table `openai_costs`: what OpenAI charges per day, project, line item and, from 2025-12-06, API key. */
export const OPENAI_COSTS_SCHEMA: TableSchema = {
  description: 'OpenAI costs per UTC day, project, API key and line item',
  columns: [
    { name: 'usage_date', type: 'DATE', mode: 'REQUIRED', description: 'UTC day of the cost' },
    { name: 'project_id', type: 'STRING', description: 'OpenAI project; null when the cost belongs to none' },
    {
      name: 'api_key_id',
      type: 'STRING',
      description: 'API key; null for costs without a key and for every cost before 2025-12-06',
    },
    { name: 'line_item', type: 'STRING', description: "OpenAI's label of what was charged, as received" },
    {
      name: 'amount',
      type: 'BIGNUMERIC',
      mode: 'REQUIRED',
      description: 'Cost in `currency`; negative for credits and corrections',
    },
    { name: 'amount_text', type: 'STRING', description: 'The amount with the very digits of the answer' },
    { name: 'currency', type: 'STRING', mode: 'REQUIRED', description: 'ISO 4217 code, upper case' },
    { name: 'quantity', type: 'BIGNUMERIC', description: 'Quantity charged, in `quantity_unit`' },
    { name: 'quantity_unit', type: 'STRING', description: 'Unit of the quantity, as received' },
  ],
  windowColumn: 'usage_date',
  money: [{ amount: 'amount', currency: 'currency' }],
};
