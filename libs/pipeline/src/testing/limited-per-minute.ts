import type { Clock } from '../lib/http/clock.ts';
import type { FakeReply, FakeRequest } from './fake-provider.ts';

/**
 * An answer that lets some requests of each minute of the clock through and limits the others.
 * @param limited What the others get; `reset` is the beginning of the next minute.
 */
export function limitedPerMinute(
  clock: Clock,
  perMinute: number,
  answer: (request: FakeRequest) => FakeReply,
  limited: (reset: Date) => FakeReply,
): (request: FakeRequest) => FakeReply {
  let minute = -1;
  let asked = 0;
  return (request) => {
    const now = Math.floor(clock.date().getTime() / 60_000);
    asked = now === minute ? asked + 1 : 1;
    minute = now;
    return asked <= perMinute ? answer(request) : limited(new Date((now + 1) * 60_000));
  };
}
