import { Writable } from 'node:stream';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { PipelineError, type Warehouse } from '@pipelines/pipeline';
import type { FastifyReply } from 'fastify';
import { pinoHttp } from 'pino-http';
import type { DataSource } from 'typeorm';
import { loggerOptions } from '../http/logger.module.ts';
import { HealthController } from './health.controller.ts';

describe('readiness', () => {
  afterEach(() => Logger.overrideLogger(['log', 'warn', 'error']));

  /** Logs as the service does, into a text. */
  function captureLog(): () => string {
    let lines = '';
    const stream = new Writable({
      write(chunk: Buffer, _encoding, done) {
        lines += chunk.toString();
        done();
      },
    });
    const { logger } = pinoHttp(loggerOptions('info'), stream);
    const write = (entry: object): void => logger.warn(entry);
    Logger.overrideLogger({ log: write, warn: write, error: write });
    return () => lines;
  }

  it("tells the operator the warehouse's own message and job, and the caller that it is unavailable", async () => {
    const log = captureLog();
    const refused = new PipelineError('warehouse_rejected', 'BigQuery refused the load (accessDenied).', {
      operatorDetail: 'job j1: Access Denied: User lacks bigquery.jobs.create',
      cause: { reason: 'accessDenied', message: 'Access Denied: User lacks bigquery.jobs.create' },
    });
    const dataSource = { query: () => Promise.resolve([]) } as unknown as DataSource;
    const warehouse = { ping: () => Promise.reject(refused) } as unknown as Warehouse;
    let status = 0;
    const reply = { status: (code: number) => (status = code) } as unknown as FastifyReply;

    const answer = await new HealthController(dataSource, warehouse).ready(reply);

    expect(status).toBe(503);
    expect(answer.checks).toEqual({ database: 'ok', warehouse: 'unavailable' });
    expect(JSON.parse(log())).toMatchObject({
      msg: 'Not ready: warehouse',
      err: {
        code: 'warehouse_rejected',
        detail: 'job j1: Access Denied: User lacks bigquery.jobs.create',
        cause: { code: 'accessDenied' },
      },
    });
    expect(log()).not.toContain('[object Object]');
  });
});
