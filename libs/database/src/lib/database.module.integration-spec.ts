import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Test, type TestingModule } from '@nestjs/testing';
import { Pool } from 'pg';
import { DataSource } from 'typeorm';
import { createTestDatabase, type TestDatabase } from '../testing/index.ts';
import { DatabaseModule } from './database.module.ts';
import { PoolSockets } from './pool-sockets.ts';

describe('DatabaseModule', () => {
  let database: TestDatabase;
  let between: Server;
  let sockets: Socket[];
  let app: TestingModule;
  let patient: TestingModule | undefined;
  let url: string;

  beforeEach(async () => {
    database = await createTestDatabase();
    const { hostname, port } = new URL(database.url);
    sockets = [];
    between = createServer((client) => {
      const server = connect(Number(port), hostname);
      sockets.push(client, server);
      for (const socket of [client, server]) socket.on('error', () => undefined);
      client.pipe(server).pipe(client);
    }).listen(0, '127.0.0.1');
    await once(between, 'listening');
    const proxied = new URL(database.url);
    proxied.host = `127.0.0.1:${(between.address() as AddressInfo).port}`;
    url = proxied.href;
    app = await Test.createTestingModule({
      imports: [DatabaseModule.forRoot({ url, answerTimeoutMs: 300 })],
    }).compile();
  });

  afterEach(async () => {
    for (const socket of sockets) socket.destroy();
    await Promise.all([app.close(), patient?.close()]);
    between.close();
    await database.drop();
  });

  it('gives up within two seconds what waits for a server that has fallen silent, and works on when it answers', async () => {
    const shared = new PoolSockets();
    const another = new Pool({ connectionString: url, stream: shared.create });
    another.on('error', () => undefined);
    patient = await Test.createTestingModule({
      imports: [DatabaseModule.forRoot({ url, sockets: shared })],
    }).compile();
    await patient.init();
    const dataSource = patient.get(DataSource);
    const ask = () => Promise.all([dataSource.query('SELECT 1'), another.query('SELECT 1')]);
    await ask();
    // A statement may take longer than a silence may last.
    await dataSource.query('SELECT pg_sleep(2.5)');
    const silent = sockets;
    sockets = [];
    for (const socket of silent) socket.unpipe();
    const since = performance.now();

    const asked = await Promise.allSettled([dataSource.query('SELECT 1'), another.query('SELECT 1')]);
    const silence = { status: 'rejected', reason: { code: 'ETIMEDOUT' } };
    expect(asked).toMatchObject([silence, silence]);

    expect(performance.now() - since).toBeLessThan(2_000);
    await expect(Promise.all(Array.from({ length: 10 }, ask))).resolves.toHaveLength(10);
    await another.end();
    sockets.push(...silent);
  });

  it('does not wait for ever for a server that has fallen silent', async () => {
    const dataSource = app.get(DataSource);
    await dataSource.query('SELECT 1');
    for (const socket of sockets) socket.unpipe();

    await expect(dataSource.query('SELECT 1')).rejects.toThrow('timeout');
  });
});
