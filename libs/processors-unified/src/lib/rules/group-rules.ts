import { FOCUS_VERSIONS } from '../focus/focus-columns.ts';
import type { GroupRule } from './focus-rule.ts';

/** What rows have to agree upon. */
export const GROUP_RULES: readonly GroupRule[] = [
  {
    id: 'one-category:ServiceName',
    says: 'All charges of a ServiceName have one ServiceCategory.',
    versions: FOCUS_VERSIONS,
    countBroken: (relation) => `
      SELECT COUNT(*) FROM ${relation} WHERE ServiceName IN (
        SELECT ServiceName FROM ${relation} GROUP BY ServiceName HAVING COUNT(DISTINCT ServiceCategory) > 1)`,
  },
  {
    id: 'one-subcategory:ServiceName',
    says: 'All charges of a ServiceName have one ServiceSubcategory.',
    versions: FOCUS_VERSIONS,
    countBroken: (relation) => `
      SELECT COUNT(*) FROM ${relation} WHERE ServiceName IN (
        SELECT ServiceName FROM ${relation} GROUP BY ServiceName HAVING COUNT(DISTINCT ServiceSubcategory) > 1)`,
  },
  {
    id: 'one-sku:SkuPriceId',
    says: 'All charges of a provider that name one SkuPriceId name one SkuId.',
    versions: FOCUS_VERSIONS,
    countBroken: (relation, version) => {
      const provider = version === '1.2' ? 'ProviderName' : 'ServiceProviderName';
      return `
      SELECT COALESCE(SUM(charges), 0) FROM (
        SELECT COUNT(*) AS charges FROM ${relation} WHERE SkuPriceId IS NOT NULL
        GROUP BY ${provider}, SkuPriceId HAVING COUNT(DISTINCT SkuId) > 1 OR COUNT(SkuId) < COUNT(*)) AS prices`;
    },
  },
];
