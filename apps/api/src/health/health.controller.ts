import { Controller, Get, HttpCode, Logger, Res, type OnModuleDestroy } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiServiceUnavailableResponse, ApiTags } from '@nestjs/swagger';
import { Warehouse } from '@pipelines/pipeline';
import type { FastifyReply } from 'fastify';
import { DataSource } from 'typeorm';
import { RequiresAccess } from '../access/access.decorators.ts';
import { AnswersAnyProblem } from '../http/answers-problems.decorator.ts';
import { LivenessView, ReadinessView, type Verdict } from './health.view.ts';

const CHECK_TIMEOUT_MS = 2_000;

/** Whether the process is alive, and whether it can do its work. */
@ApiTags('health')
@RequiresAccess('public')
@Controller('api/v1/health')
export class HealthController implements OnModuleDestroy {
  private readonly logger = new Logger(HealthController.name);
  private stopping = false;

  constructor(
    private readonly dataSource: DataSource,
    private readonly warehouse: Warehouse,
  ) {}

  /** From here on runs are refused, so that a load balancer is to send them elsewhere. */
  onModuleDestroy(): void {
    this.stopping = true;
  }

  @Get('live')
  @HttpCode(200)
  @ApiOperation({ summary: 'The process answers' })
  @ApiOkResponse({ type: LivenessView })
  @AnswersAnyProblem()
  live(): LivenessView {
    return { status: 'ok' };
  }

  @Get('ready')
  @ApiOperation({ summary: 'Database and warehouse answer, and the process is not stopping' })
  @ApiOkResponse({ type: ReadinessView })
  @ApiServiceUnavailableResponse({
    type: ReadinessView,
    description: 'One of them does not answer, or the process is stopping.',
  })
  @AnswersAnyProblem()
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<ReadinessView> {
    const [database, warehouse] = await Promise.all([
      this.check('database', () => this.dataSource.query('SELECT 1')),
      this.check('warehouse', () => this.warehouse.ping()),
    ]);
    const ready = database && warehouse && !this.stopping;
    void reply.status(ready ? 200 : 503);
    return {
      status: ready ? 'ok' : 'unavailable',
      checks: { database: verdict(database), warehouse: verdict(warehouse) },
    };
  }

  private async check(name: string, probe: () => Promise<unknown>): Promise<boolean> {
    try {
      const timedOut = new Promise((_resolve, reject) => {
        AbortSignal.timeout(CHECK_TIMEOUT_MS).addEventListener('abort', () => reject(new Error('no answer')));
      });
      await Promise.race([probe(), timedOut]);
      return true;
    } catch (error) {
      this.logger.warn({ msg: `Not ready: ${name}`, err: error });
      return false;
    }
  }
}

function verdict(ok: boolean): Verdict {
  return ok ? 'ok' : 'unavailable';
}
