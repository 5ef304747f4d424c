import { describe, expect, it } from '@jest/globals';
import { SERVICE_CATEGORIES } from '../../focus/service-categories.ts';
import { GCP_SERVICE_CATEGORIES } from './gcp-service-categories.ts';

describe('GCP_SERVICE_CATEGORIES', () => {
  it('puts each service into one category that FOCUS knows', () => {
    const services = GCP_SERVICE_CATEGORIES.flatMap((entry) => entry.services);

    expect(services).toHaveLength(new Set(services).size);
    for (const { category, subcategory } of GCP_SERVICE_CATEGORIES) {
      expect(SERVICE_CATEGORIES.get(category)).toContain(subcategory);
    }
  });

  it('names services as an SQL text can hold them', () => {
    for (const { services } of GCP_SERVICE_CATEGORIES) {
      for (const service of services) expect(service).toMatch(/^[A-Za-z0-9()/ -]+\*?$/);
    }
  });
});
