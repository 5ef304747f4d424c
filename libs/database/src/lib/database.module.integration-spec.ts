import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Test, type TestingModule } from '@nestjs/testing';
import { DataSource } from 'typeorm';
import { createTestDatabase, type TestDatabase } from '../testing/index.ts';
import { DatabaseModule } from './database.module.ts';

describe('DatabaseModule', () => {
  let database: TestDatabase;
  let between: Server;
  let sockets: Socket[];
  let app: TestingModule;

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
    const url = new URL(database.url);
    url.host = `127.0.0.1:${(between.address() as AddressInfo).port}`;
    app = await Test.createTestingModule({
      imports: [DatabaseModule.forRoot({ url: url.href, answerTimeoutMs: 300 })],
    }).compile();
  });

  afterEach(async () => {
    for (const socket of sockets) socket.destroy();
    await app.close();
    between.close();
    await database.drop();
  });

  it('does not wait for ever for a server that has fallen silent', async () => {
    const dataSource = app.get(DataSource);
    await dataSource.query('SELECT 1');
    for (const socket of sockets) socket.unpipe();

    await expect(dataSource.query('SELECT 1')).rejects.toThrow('timeout');
  });
});
