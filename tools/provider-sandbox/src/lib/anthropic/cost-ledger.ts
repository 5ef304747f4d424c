import type { SandboxClock } from '../control/clock.ts';
import { Draw } from '../deterministic/draw.ts';
import { roundUnits } from '../deterministic/fixed-point.ts';
import { firstAmount, knowledgeOf } from '../deterministic/restated.ts';
import { MODELS, TOKEN_TYPES, WEB_SEARCH_PRICE } from './price-list.ts';
import { usageOn, type UsageEntry } from './usage-ledger.ts';
import { groupUsage, type UsageGroup } from './usage-results.ts';

/** What one workspace was charged for one thing on one day. */
export interface CostEntry {
  readonly workspace_id: string | null;
  readonly description: string;
  readonly cost_type: string | null;
  readonly token_type: string | null;
  readonly model: string | null;
  readonly service_tier: string | null;
  readonly context_window: string | null;
  readonly inference_geo: string | null;
  /** In 10⁻²⁵ cents. */
  readonly amount: bigint;
}

/** Everything the organization of the key pays for on the day; nothing for days to come. */
export type CostLedger = (apiKey: string, date: string) => readonly CostEntry[];

/** 10⁻²⁵ cents in 10⁻⁹ cents. */
const UNITS_PER_NANOCENT = 10n ** 16n;
const CENT = 10n ** 25n;

const NO_TOKENS = {
  token_type: null,
  model: null,
  service_tier: null,
  context_window: null,
  inference_geo: null,
};

/** @param fractionDigits That an amount in USD has at most, 12 to 25. */
export function costLedger(seed: string, clock: SandboxClock, fractionDigits: number): CostLedger {
  return (apiKey, date) => {
    if (clock.isFuture(date)) return [];
    return costsOn(seed, apiKey, date).flatMap((entry) => {
      const known = knowledgeOf(clock, date, seed, apiKey, entry.workspace_id ?? '', entry.description);
      if (known === 'nothing') return [];
      const amount = known === 'all' ? entry.amount : firstAmount(entry.amount);
      // Two of the digits lie before the point of an amount in cents.
      return [{ ...entry, amount: roundUnits(amount, fractionDigits - 2) }];
    });
  };
}

function costsOn(seed: string, apiKey: string, date: string): CostEntry[] {
  const usage = usageOn(seed, apiKey, date);
  // Priority Tier is a prepaid commitment of tokens, of which the report says nothing; searches are none of it.
  const paidPerToken = usage.filter(({ service_tier }) => service_tier !== 'priority');
  const groups = groupUsage(paidPerToken, [
    'workspace_id',
    'model',
    'service_tier',
    'context_window',
    'inference_geo',
  ]);
  return [
    ...groups.flatMap((group) => tokenCosts(group, seed, date)),
    ...groupUsage(usage, ['workspace_id']).flatMap((group) => toolCosts(group, seed, date)),
    ...creditsOn(seed, apiKey, date),
  ];
}

function tokenCosts({ first, counts }: UsageGroup, seed: string, date: string): CostEntry[] {
  const { workspace_id, model: name, service_tier, context_window, inference_geo } = first;
  const model = MODELS.find((one) => one.name === name)!;
  return TOKEN_TYPES.flatMap(({ count, tokenType, label, price }) => {
    if (counts[count] === 0) return [];
    const nanocents = tierPrice(price(model), first);
    // Discounts leave odd digits far behind the point.
    const draw = new Draw('anthropic dust', seed, date, workspace_id ?? '', name, tokenType, service_tier);
    const dust = draw.oneIn(2) ? 0n : BigInt(draw.below(1_000_000));
    const conditions = [
      label,
      ...(service_tier === 'batch' ? ['Batch'] : []),
      ...(context_window === '200k-1M' ? ['Long Context'] : []),
      ...(inference_geo === 'us' ? ['US'] : []),
    ];
    return [
      {
        workspace_id,
        description: `${model.label} Usage - ${conditions.join(', ')}`,
        cost_type: 'tokens',
        token_type: tokenType,
        model: name,
        service_tier,
        context_window,
        inference_geo,
        amount: BigInt(counts[count]) * BigInt(nanocents) * UNITS_PER_NANOCENT + dust,
      },
    ];
  });
}

function tierPrice(nanocents: number, { service_tier, context_window }: UsageEntry): number {
  return nanocents * (context_window === '200k-1M' ? 2 : 1) * (service_tier === 'batch' ? 0.5 : 1);
}

function toolCosts({ first, counts }: UsageGroup, seed: string, date: string): CostEntry[] {
  const { workspace_id } = first;
  const draw = new Draw('anthropic tools', seed, date, workspace_id ?? '');
  const searches = BigInt(counts.web_search_requests) * BigInt(WEB_SEARCH_PRICE) * UNITS_PER_NANOCENT;
  // Five cents for an hour of a container, charged by the second.
  const execution = (BigInt(draw.below(40_000)) * 5n * CENT) / 3_600n;
  return [
    ...(searches > 0n
      ? [
          {
            ...NO_TOKENS,
            workspace_id,
            description: 'Web Search Usage',
            cost_type: 'web_search',
            amount: searches,
          },
        ]
      : []),
    ...(draw.oneIn(2)
      ? [
          {
            ...NO_TOKENS,
            workspace_id,
            description: 'Code Execution Usage',
            cost_type: 'code_execution',
            amount: execution,
          },
        ]
      : []),
  ];
}

/** Goodwill, once in some days, of a type that is not in the reference. */
function creditsOn(seed: string, apiKey: string, date: string): CostEntry[] {
  const draw = new Draw('anthropic credit', seed, apiKey, date);
  if (!draw.oneIn(5)) return [];
  const amount = -BigInt(1 + draw.below(90_000)) * (CENT / 100n);
  return [{ ...NO_TOKENS, workspace_id: null, description: 'Service credit', cost_type: null, amount }];
}
