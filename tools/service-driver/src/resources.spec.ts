import { describe, expect, it } from '@jest/globals';
import { Resources } from './resources.ts';

describe('Resources', () => {
  const closed: string[] = [];
  const add = (resources: Resources, name: string) =>
    resources.add(
      async () => name,
      (opened) => void closed.push(opened),
    );

  it('closes in reverse order, once', async () => {
    closed.length = 0;
    const resources = new Resources();
    await add(resources, 'database');
    await add(resources, 'service');

    await Promise.all([resources.close(), resources.close()]);

    expect(closed).toEqual(['service', 'database']);
  });

  it('closes the others when one cannot be closed, and says so', async () => {
    closed.length = 0;
    const resources = new Resources();
    await add(resources, 'database');
    await resources.add(
      async () => 'service',
      () => Promise.reject(new Error('It does not stop.')),
    );

    await expect(resources.close()).rejects.toThrow('It does not stop.');

    expect(closed).toEqual(['database']);
  });

  it('waits for what is being opened, and opens nothing more', async () => {
    closed.length = 0;
    const resources = new Resources();
    const opening = Promise.withResolvers<string>();
    void resources.add(
      () => opening.promise,
      (opened) => void closed.push(opened),
    );

    const closing = resources.close();
    await expect(add(resources, 'late')).rejects.toThrow('Nothing more is opened');
    expect(closed).toEqual([]);
    opening.resolve('service');
    await closing;

    expect(closed).toEqual(['service']);
  });

  it('has nothing to close of what could not be opened', async () => {
    const resources = new Resources();
    const opening = resources.add(
      () => Promise.reject(new Error('No port is free.')),
      () => closed.push('never opened'),
    );

    await expect(opening).rejects.toThrow('No port is free.');
    await resources.close();

    expect(closed).not.toContain('never opened');
  });

  it('closes the parts of what could not be built', async () => {
    closed.length = 0;
    const building = Resources.build(async (resources) => {
      await add(resources, 'directory');
      throw new Error('PostgreSQL does not start.');
    });

    await expect(building).rejects.toThrow('PostgreSQL does not start.');

    expect(closed).toEqual(['directory']);
  });

  it('lets go of the signals with the last one', async () => {
    const before = process.listenerCount('SIGTERM');
    const [first, second] = [new Resources(), new Resources()];
    expect(process.listenerCount('SIGTERM')).toBe(before + 1);

    await first.close();
    expect(process.listenerCount('SIGTERM')).toBe(before + 1);
    await second.close();

    expect(process.listenerCount('SIGTERM')).toBe(before);
  });
});
