import type { TableSchema } from '@pipelines/pipeline';

/**
 * The table `openai_costs`: what OpenAI charges. A row is one UTC day, project, API key (from 2025-12-06), line item and
 * currency; names say what the ids were called when the row was loaded.
 */
export const OPENAI_COSTS_SCHEMA: TableSchema = {
  description:
    'OpenAI costs per UTC day, project, API key, line item and currency. Names are those of the time of loading.',
  columns: [
    { name: 'usage_date', type: 'DATE', mode: 'REQUIRED', description: 'UTC day of the cost' },
    {
      name: 'organization_id',
      type: 'STRING',
      description:
        'OpenAI organization, as the answer or else the stored credential names it; null when neither does',
    },
    {
      name: 'organization_name',
      type: 'STRING',
      description: 'Name of the organization, as stored with the credential; the API tells none',
    },
    { name: 'project_id', type: 'STRING', description: 'OpenAI project; null when the cost belongs to none' },
    {
      name: 'project_name',
      type: 'STRING',
      description: 'Name of the project, archived ones included; null when it could not be read',
    },
    {
      name: 'api_key_id',
      type: 'STRING',
      description: 'API key; null for costs without a key and for every cost before 2025-12-06',
    },
    {
      name: 'api_key_name',
      type: 'STRING',
      description: 'Name of the API key; null when it was deleted or could not be read',
    },
    {
      name: 'user_id',
      type: 'STRING',
      description: 'Owner of the API key, a user or a service account; null when the key is unknown',
    },
    { name: 'user_name', type: 'STRING', description: 'Name of the owner of the API key' },
    { name: 'line_item', type: 'STRING', description: "OpenAI's label of what was charged, as received" },
    {
      name: 'service_tier',
      type: 'STRING',
      description: 'Tier that the line item begins with, such as priority; null when it names none',
    },
    {
      name: 'product',
      type: 'STRING',
      description: 'What was charged, by the line item without tier, meter and qualifiers',
    },
    {
      name: 'model',
      type: 'STRING',
      description: 'Model, where the line item tells one; a reading of a label, not a fact of the API',
    },
    {
      name: 'meter',
      type: 'STRING',
      description: 'What of the product is counted, by the line item: input, cached input, output, …',
    },
    {
      name: 'qualifiers',
      type: 'STRING',
      description: 'What the line item says beyond the meter, such as long context',
    },
    { name: 'quantity', type: 'BIGNUMERIC', description: 'Quantity charged, in `quantity_unit`' },
    { name: 'quantity_unit', type: 'STRING', description: 'Unit of the quantity, as received' },
    {
      name: 'amount',
      type: 'BIGNUMERIC',
      mode: 'REQUIRED',
      description: 'Cost in `currency`; negative for credits and corrections',
    },
    { name: 'amount_text', type: 'STRING', description: 'The amount with the very digits of the answer' },
    { name: 'currency', type: 'STRING', mode: 'REQUIRED', description: 'ISO 4217 code, upper case' },
  ],
  windowColumn: 'usage_date',
  naturalKey: ['usage_date', 'project_id', 'api_key_id', 'line_item', 'currency'],
  money: [{ amount: 'amount', currency: 'currency' }],
};
