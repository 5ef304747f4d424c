import type { SandboxClock } from '../control/clock.ts';
import { isWeekend } from '../deterministic/days.ts';
import { Draw } from '../deterministic/draw.ts';
import { roundUnits } from '../deterministic/fixed-point.ts';
import { firstAmount, knowledgeOf } from '../deterministic/restated.ts';
import { directoryOf, projectsOn } from './directory.ts';
import { EXTRAS, MODELS } from './price-list.ts';

/** Before this day costs are not known per API key. */
export const FIRST_DAY_WITH_KEYS = '2025-12-06';

/** What one API key of one project cost on one day for one line item. */
export interface CostEntry {
  readonly project_id: string;
  readonly api_key_id: string | null;
  readonly line_item: string;
  /** In 10⁻²⁵ USD. */
  readonly amount: bigint;
  /** In hundredths of the unit. */
  readonly quantity: bigint;
  readonly unit: string | null;
}

/** 10⁻²⁵ USD in a picodollar. */
const UNITS_PER_PICODOLLAR = 10n ** 13n;

interface Article {
  readonly lineItem: string;
  readonly unit: string | null;
  readonly hasKey: boolean;
  /** Picodollars per hundredth of the unit. */
  readonly picodollars: bigint;
  /** Hundredths of the unit that a busy day may need, at most. */
  readonly busy: number;
}

const ARTICLES: readonly Article[] = [
  ...MODELS.flatMap(({ name, prices }) =>
    prices.map(([direction, picodollars]) => ({
      lineItem: `${name}, ${direction}`,
      unit: 'tokens',
      hasKey: true,
      // Every price per token is a multiple of 100 picodollars.
      picodollars: BigInt(picodollars / 100),
      busy: 900_000_000,
    })),
  ),
  ...EXTRAS.map(({ picodollars, ...extra }) => ({
    ...extra,
    picodollars: BigInt(picodollars),
    busy: 400_000,
  })),
];

/** Everything the organization of the key pays for on the day; nothing for days to come. */
export type CostLedger = (apiKey: string, date: string) => readonly CostEntry[];

/** @param fractionDigits That an amount in USD has at most, 12 to 25. */
export function costLedger(seed: string, clock: SandboxClock, fractionDigits: number): CostLedger {
  return (apiKey, date) => {
    if (clock.isFuture(date)) return [];
    return costsOf(seed, apiKey, date).flatMap((entry) => {
      const { project_id, api_key_id, line_item } = entry;
      const known = knowledgeOf(clock, date, seed, project_id, api_key_id ?? '', line_item);
      if (known === 'nothing') return [];
      const amount = known === 'all' ? entry.amount : firstAmount(entry.amount);
      return [{ ...entry, amount: roundUnits(amount, fractionDigits) }];
    });
  };
}

function costsOf(seed: string, apiKey: string, date: string): CostEntry[] {
  return projectsOn(directoryOf(seed, apiKey), date).flatMap((project) =>
    ARTICLES.flatMap((article) => {
      const keys = article.hasKey ? project.apiKeys.map(({ id }) => id) : [null];
      return keys.flatMap((apiKeyId) => {
        const draw = new Draw('cost', seed, apiKey, date, project.id, apiKeyId ?? '', article.lineItem);
        // Two of five combinations rest on a given day.
        if (draw.below(5) < 2) return [];
        return [entryOf(article, project.id, apiKeyId, isWeekend(date), draw)];
      });
    }),
  );
}

function entryOf(
  { lineItem, unit, picodollars, busy }: Article,
  projectId: string,
  apiKeyId: string | null,
  weekend: boolean,
  draw: Draw,
): CostEntry {
  // Whole tokens; other units come in hundredths.
  const step = unit === 'tokens' ? 100 : 1;
  const most = draw.oneIn(20) ? 9 : Math.floor(busy / step / (weekend ? 4 : 1));
  const quantity = BigInt((1 + draw.below(most)) * step);
  // Discounts leave odd digits far behind the point, as the real API shows them.
  const dust = draw.oneIn(10) ? 0n : BigInt(draw.below(Number(UNITS_PER_PICODOLLAR)));
  const amount = quantity * picodollars * UNITS_PER_PICODOLLAR + dust;
  return {
    project_id: projectId,
    api_key_id: apiKeyId,
    line_item: lineItem,
    amount: draw.oneIn(40) ? -amount : amount,
    quantity,
    unit,
  };
}
