import { Logger } from '@nestjs/common';
import type { PipelineError } from '../errors/pipeline-error.ts';
import type { LeftOutPart } from '../warehouse/receipt.ts';

/** The optional parts that an attempt at a run does without, because the provider refused them or failed. */
export class LeftOut {
  private readonly logger = new Logger(LeftOut.name);
  private readonly byPart = new Map<string, LeftOutPart>();

  constructor(private readonly runId: string) {}

  /** The parts, each with the first reason, in the order in which they were missed. */
  get parts(): readonly LeftOutPart[] {
    return [...this.byPart.values()];
  }

  /**
   * Records the part and logs it, once, however many reads of it fail.
   * @param part Names a kind of thing: "names of API keys", not one of many.
   */
  add(part: string, { code, message, operatorDetail }: PipelineError): void {
    if (this.byPart.has(part)) return;
    this.byPart.set(part, { part, code, reason: message });
    this.logger.warn(
      `Run ${this.runId}: left out ${part} (${code}): ${message} ${operatorDetail ?? ''}`.trimEnd(),
    );
  }
}
