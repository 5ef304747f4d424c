import { once } from 'node:events';
import { connect, type AddressInfo } from 'node:net';
import { Injectable, Module, type BeforeApplicationShutdown } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { cutOffConnections } from './cut-off-connections.ts';

const GRACE_MS = 1_000;
const drainStarted = Promise.withResolvers<void>();
const drained = Promise.withResolvers<void>();

@Injectable()
class SlowDrain implements BeforeApplicationShutdown {
  beforeApplicationShutdown(): Promise<void> {
    drainStarted.resolve();
    return drained.promise;
  }
}

@Module({ providers: [SlowDrain] })
class TestModule {}

describe('cutOffConnections', () => {
  afterEach(() => void jest.useRealTimers());

  it('lets an open request live while runs drain, and for the grace period after that', async () => {
    const options = { logger: false } as const;
    const app = await NestFactory.create<NestFastifyApplication>(TestModule, new FastifyAdapter(), options);
    const fastify = app.getHttpAdapter().getInstance();
    const received = Promise.withResolvers<void>();
    const closing = Promise.withResolvers<void>();
    fastify.get('/never', () => {
      received.resolve();
      return new Promise(() => undefined);
    });
    cutOffConnections(fastify, GRACE_MS);
    fastify.addHook('preClose', async () => closing.resolve());
    await app.listen(0, '127.0.0.1');
    const cut = jest.spyOn(fastify.server, 'closeAllConnections');
    const client = connect((fastify.server.address() as AddressInfo).port, '127.0.0.1');
    client.resume().write('GET /never HTTP/1.1\r\nHost: test\r\n\r\n');
    await received.promise;
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });

    const closed = app.close();
    await drainStarted.promise;
    await jest.advanceTimersByTimeAsync(10 * GRACE_MS);
    expect(cut).not.toHaveBeenCalled();

    drained.resolve();
    await closing.promise;
    await jest.advanceTimersByTimeAsync(GRACE_MS - 1);
    expect(cut).not.toHaveBeenCalled();

    const disconnected = once(client, 'close');
    await jest.advanceTimersByTimeAsync(1);
    expect(cut).toHaveBeenCalledTimes(1);
    await Promise.all([disconnected, closed]);
  });
});
