import type { FastifyInstance } from 'fastify';
import { addDays } from '../deterministic/days.ts';

/**
 * The sandbox's current day. Left alone it is that of the machine, and every day has its final figures, so that the same
 * request gives the same answer whenever it is made. Pinned to a day, the sandbox knows what a provider would know then:
 * rows that come late are missing, and amounts that are corrected later are the first ones.
 */
export class SandboxClock {
  private pinned?: string;

  pin(today: string | undefined): void {
    this.pinned = today;
  }

  today(): string {
    return this.pinned ?? new Date().toISOString().slice(0, 10);
  }

  /** Whether the day lies ahead, so that nothing is known of it. */
  isFuture(date: string): boolean {
    return date > this.today();
  }

  /** Whether it is so late after the day that what takes so many days to be known is known. */
  hasSettled(date: string, days: number): boolean {
    return this.pinned === undefined || addDays(date, days) <= this.pinned;
  }

  /** Whether the month that the day lies in has been closed, which happens on the third day of the next one. */
  hasClosedMonthOf(date: string): boolean {
    const nextMonth = addDays(`${date.slice(0, 7)}-01`, 31).slice(0, 7);
    return this.pinned === undefined || `${nextMonth}-03` <= this.pinned;
  }
}

const CLOCK_SCHEMA = {
  type: 'object',
  required: ['today'],
  additionalProperties: false,
  properties: { today: { type: 'string', pattern: '^\\d{4}-\\d{2}-\\d{2}$' } },
};

/** `/_sandbox/clock`: what day it is for the providers. */
export function addClockRoutes(app: FastifyInstance, clock: SandboxClock): void {
  app.put<{ Body: { today: string } }>(
    '/_sandbox/clock',
    { schema: { body: CLOCK_SCHEMA } },
    async ({ body }) => {
      clock.pin(body.today);
      return body;
    },
  );
  app.delete('/_sandbox/clock', async (_request, reply) => {
    clock.pin(undefined);
    return reply.status(204).send();
  });
}
