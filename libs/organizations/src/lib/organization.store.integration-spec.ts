import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestDatabase } from '@pipelines/database/testing';
import { OrganizationEntity } from './organization.entity.ts';
import { OrganizationStore } from './organization.store.ts';
import { warehousePlaceSql } from './warehouse-place-sql.ts';

describe('OrganizationStore', () => {
  let database: Awaited<ReturnType<typeof createTestDatabase>>;
  let store: OrganizationStore;

  beforeAll(async () => {
    database = await createTestDatabase({ entities: [OrganizationEntity] });
    store = new OrganizationStore(database.dataSource.getRepository(OrganizationEntity), {
      managesSubscriptions: true,
      subscriptionsRelation: 'public.subscription_limits',
    });
  });

  afterAll(() => database?.drop());

  const place = async () => {
    const [row] = await database.dataSource.query<{ place: object }[]>(
      `SELECT (${warehousePlaceSql('$1')}) AS place`,
      ['acme'],
    );
    return row!.place;
  };

  it('has no place of its own in the warehouse until one is given, and keeps it through other changes', async () => {
    await store.put('acme', 'Acme');
    expect(await place()).toEqual({});

    await store.put('acme', 'Acme', undefined, { project: 'acme-billing', location: 'europe-west1' });
    await store.put('acme', 'Acme Corporation');

    expect(await place()).toEqual({ project: 'acme-billing', location: 'europe-west1' });
  });

  it('goes back to the place of the service with what a new place leaves out', async () => {
    await store.put('acme', 'Acme', undefined, { project: 'acme-billing', location: 'EU' });

    await store.put('acme', 'Acme', undefined, { location: 'US' });
    expect(await place()).toEqual({ location: 'US' });

    await store.put('acme', 'Acme', undefined, {});
    expect(await place()).toEqual({});
  });

  it('finds an organization as soon as it is there, also one that was asked for before', async () => {
    await expect(store.requireExisting('late')).rejects.toMatchObject({ code: 'organization_not_found' });
    await store.put('late', 'Late');

    await store.requireExisting('late');
    await expect(store.requireExisting('later')).rejects.toMatchObject({ code: 'organization_not_found' });
  });

  it.each([
    { project: 'acme`; DROP TABLE x' },
    { project: 'ab' },
    { location: 'europe west' },
    { location: '' },
  ])('stores no place that is none: %j', async (wrong) => {
    await expect(store.put('acme', 'Acme', undefined, wrong)).rejects.toThrow('check constraint');
  });
});
