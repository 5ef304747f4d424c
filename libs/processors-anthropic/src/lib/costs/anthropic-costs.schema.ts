import type { TableSchema } from '@pipelines/pipeline';

/**
 * The table `anthropic_costs`: what Anthropic charges. A row is one UTC day, workspace and description with its parts;
 * names say what the ids were called when the row was loaded.
 */
export const ANTHROPIC_COSTS_SCHEMA: TableSchema = {
  description:
    'Anthropic costs per UTC day, workspace and description. Priority Tier spend is not among them: it is a prepaid commitment that the cost report leaves out; its tokens are in anthropic_usage_messages under service_tier priority.',
  columns: [
    { name: 'usage_date', type: 'DATE', mode: 'REQUIRED', description: 'UTC day of the cost' },
    {
      name: 'organization_id',
      type: 'STRING',
      description: 'Anthropic organization that the key belongs to; null when it could not be read',
    },
    { name: 'organization_name', type: 'STRING', description: 'Name of the organization' },
    {
      name: 'workspace_id',
      type: 'STRING',
      description:
        'Workspace, as received; null stands for the default workspace, or for all where costs are not grouped by it',
    },
    {
      name: 'default_workspace_id',
      type: 'STRING',
      description:
        'Id of the default workspace where workspace_id is null, so that COALESCE(workspace_id, default_workspace_id) names every workspace; null when it could not be read',
    },
    {
      name: 'workspace_name',
      type: 'STRING',
      description:
        'Name of the workspace, archived and default ones included; null when it could not be read',
    },
    {
      name: 'description',
      type: 'STRING',
      description: "Anthropic's label of what was charged, as received",
    },
    {
      name: 'cost_type',
      type: 'STRING',
      description: 'tokens, web_search, code_execution, session_usage or another that is new, as received',
    },
    {
      name: 'token_type',
      type: 'STRING',
      description:
        'uncached_input_tokens, output_tokens, cache_read_input_tokens, cache_creation.ephemeral_5m_input_tokens, …; null where no tokens are charged',
    },
    { name: 'model', type: 'STRING', description: 'Model; null where no tokens are charged' },
    { name: 'service_tier', type: 'STRING', description: 'standard, batch, …, as received' },
    { name: 'context_window', type: 'STRING', description: '0-200k or 200k-1M, as received' },
    { name: 'inference_geo', type: 'STRING', description: 'Where the model ran: global, us, …, as received' },
    {
      name: 'amount',
      type: 'BIGNUMERIC',
      mode: 'REQUIRED',
      description: 'Cost in `currency` (in dollars, not in the cents of the answer)',
    },
    {
      name: 'amount_text',
      type: 'STRING',
      description:
        'The amount with the very digits of the answer, in the lowest unit of the currency (cents)',
    },
    { name: 'currency', type: 'STRING', mode: 'REQUIRED', description: 'ISO 4217 code, upper case' },
  ],
  windowColumn: 'usage_date',
  // The description does not say for certain what the fields beside it do.
  naturalKey: [
    'usage_date',
    'workspace_id',
    'description',
    'cost_type',
    'token_type',
    'model',
    'service_tier',
    'context_window',
    'inference_geo',
    'currency',
  ],
  money: [{ amount: 'amount', currency: 'currency' }],
};
