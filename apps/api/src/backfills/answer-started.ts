import type { StartedBackfill } from '@pipelines/backfills';
import type { FastifyReply } from 'fastify';
import { backfillView, type BackfillView } from './backfill.view.ts';

/** Answers with the backfill that was started, and says so when an earlier request had started it. */
export function answerStarted(reply: FastifyReply, { backfill, replayed }: StartedBackfill): BackfillView {
  if (replayed) void reply.status(200).header('idempotent-replay', 'true');
  const view = backfillView(backfill);
  void reply.header('location', view.links.status);
  return view;
}
