import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Clock } from './clock.ts';
import { CredentialRates, type RatedCredential } from './credential-rates.ts';

/** A clock that stands still until it is told to go on. */
class FakeClock implements Clock {
  private time = 0;
  private sleepers: { readonly until: number; readonly wake: () => void }[] = [];

  now(): number {
    return this.time;
  }

  date(): Date {
    return new Date(this.time);
  }

  wait(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((wake, reject) => {
      this.sleepers.push({ until: this.time + ms, wake });
      signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
    });
  }

  /** Goes to each instant in turn at which somebody wakes. */
  async advance(ms: number): Promise<void> {
    const end = this.time + ms;
    for (;;) {
      await new Promise(setImmediate);
      const next = this.sleepers.filter(({ until }) => until <= end).sort((a, b) => a.until - b.until)[0];
      if (!next) break;
      this.time = Math.max(this.time, next.until);
      this.sleepers = this.sleepers.filter((sleeper) => sleeper !== next);
      next.wake();
    }
    this.time = end;
  }
}

const ACME: RatedCredential = {
  org: 'acme_corp',
  provider: 'acme',
  credentialName: 'default',
  perSecond: 5,
};

describe('CredentialRates', () => {
  let clock: FakeClock;
  let rates: CredentialRates;
  let sent: number[];
  const running = new AbortController().signal;

  const send = async (credential = ACME, signal = running): Promise<void> => {
    await rates.turn(credential, 120_000, signal);
    sent.push(clock.now());
  };
  const sendMany = (count: number): void => {
    for (let request = 0; request < count; request++) void send();
  };

  beforeEach(() => {
    clock = new FakeClock();
    rates = new CredentialRates(clock);
    sent = [];
  });

  it('lets ten requests through at once, and then one every fifth of a second', async () => {
    sendMany(13);

    await clock.advance(10_000);

    expect(sent).toEqual([...Array<number>(10).fill(0), 200, 400, 600]);
  });

  it('has a burst again after a pause', async () => {
    sendMany(10);
    await clock.advance(1_000);
    sendMany(6);
    await clock.advance(10_000);

    expect(sent.slice(10)).toEqual([...Array<number>(5).fill(1_000), 1_200]);
  });

  it('counts the requests of each organization, provider and credential for themselves', async () => {
    sendMany(10);
    await send({ ...ACME, org: 'other_corp' });
    await send({ ...ACME, credentialName: 'eu' });
    await send({ ...ACME, provider: 'other' });

    expect(sent).toHaveLength(13);
  });

  it('limits nothing where any number may be sent', async () => {
    for (let request = 0; request < 1_000; request++) await send({ ...ACME, perSecond: Infinity });

    expect(sent).toHaveLength(1_000);
  });

  it('lets all requests hold off that are waiting or come later, and then come one by one', async () => {
    sendMany(11);
    await clock.advance(100);
    rates.holdOff(ACME, 5_000);
    sendMany(2);

    await clock.advance(20_000);

    expect(sent).toHaveLength(13);
    const [first, second, third] = sent.slice(10);
    expect(first).toBe(5_100);
    expect([second! - first!, third! - second!].every((gap) => gap >= 200)).toBe(true);
  });

  it('does not shorten a hold by a shorter one', async () => {
    rates.holdOff(ACME, 5_000);
    rates.holdOff(ACME, 0);
    void send();
    await clock.advance(10_000);

    expect(sent).toEqual([5_000]);
  });

  it('ends at once where the hold is longer than a request may wait, and says for how long', async () => {
    rates.holdOff(ACME, 300_000);

    await expect(send()).rejects.toMatchObject({
      code: 'provider_rate_limited',
      retryAfterMs: 300_000,
      message: expect.stringContaining('none for another 300 s'),
    });
  });

  it('takes an absurd time for an hour', async () => {
    rates.holdOff(ACME, 1e12);

    await expect(send()).rejects.toMatchObject({ retryAfterMs: 3_600_000 });
  });

  it("ends with the signal's reason when aborted while it waits", async () => {
    const abort = new AbortController();
    sendMany(10);
    const waiting = send(ACME, abort.signal);

    abort.abort(new Error('lease lost'));

    await expect(waiting).rejects.toThrow('lease lost');
  });

  it('keeps a bounded number of credentials', async () => {
    for (let n = 0; n < 2_500; n++) await send({ ...ACME, org: `org_${n}` });

    expect(rates.size).toBeLessThanOrEqual(1_000);
  });

  it('keeps a credential that is held off while others are forgotten', async () => {
    rates.holdOff(ACME, 300_000);
    for (let n = 0; n < 999; n++) await send({ ...ACME, org: `other_${n}` });
    await clock.advance(200);
    await send({ ...ACME, org: 'one_more' });

    expect(rates.size).toBe(2);
    await expect(send()).rejects.toMatchObject({ retryAfterMs: 299_800 });
  });
});
