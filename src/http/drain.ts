import express, { Router, type Request } from 'express';
import { explain } from '../config/explain';
import type { Drain } from '../drain/drain';
import type { DrainProgress } from '../drain/drain-progress';
import type { Clock } from '../lib/clock';
import { UserError } from '../lib/errors';
import { jsonOnly } from './credentials';
import { drainBody, type DrainAnswer } from './drain-schema';
import { methodNotAllowed } from './error-handler';
import type { Guard } from './guard';
import { MAX_BODY_BYTES } from './http-error';
import { describeIssues } from '../config/issues';
import { readQuery } from './query';
import { noQuery } from './sessions-schema';

const NO_STORE = { 'Cache-Control': 'no-store' };

export type DrainCalls = Pick<Drain, 'begin' | 'undo' | 'progress'>;

/** Taking the relay out of service, and back. */
export function drainRouter(drain: DrainCalls, clock: Pick<Clock, 'now'>, guard: Guard): Router {
  const router = Router();
  const answer = (progress: DrainProgress): DrainAnswer => drainJson(progress, clock.now());
  router
    .route('/-/drain')
    .get(guard.allow('read'), (request, response) => {
      readQuery(noQuery, request);
      response.set(NO_STORE).json(answer(drain.progress()));
    })
    .post(
      guard.allow('admin'),
      jsonOnly,
      express.json({ limit: MAX_BODY_BYTES, inflate: false, strict: false }),
      async (request, response) => {
        readQuery(noQuery, request);
        response.set(NO_STORE).json(answer(await drain.begin(deadlineIn(request))));
      },
    )
    .all(methodNotAllowed('GET', 'HEAD', 'POST'));
  router
    .route('/-/undrain')
    .post(guard.allow('admin'), async (request, response) => {
      readQuery(noQuery, request);
      response.set(NO_STORE).json(answer(await drain.undo()));
    })
    .all(methodNotAllowed('POST'));
  return router;
}

function deadlineIn(request: Request): number | undefined {
  const parsed = drainBody.safeParse(request.body ?? {}, { error: explain });
  if (parsed.success) return parsed.data.deadlineSeconds;
  throw new UserError('bad_request', `${describeIssues(parsed.error).join('; ')}.`);
}

function drainJson(progress: DrainProgress, now: number): DrainAnswer {
  if (progress.state === 'serving') return progress;
  const { startedAt, deadlineAt, ...rest } = progress;
  return {
    ...rest,
    startedAt: new Date(startedAt).toISOString(),
    deadlineAt: new Date(deadlineAt).toISOString(),
    secondsLeft: Math.max(0, Math.round(deadlineAt - now)) / 1000,
  };
}
