import express, { Router, type ErrorRequestHandler, type RequestHandler } from 'express';
import type { Config } from '../config/schema';
import { explain } from '../config/explain';
import { UserError } from '../lib/errors';
import type { Report } from '../reports/report';
import type { Refusal } from '../reports/report-counts';
import type { Reports } from '../reports/reports';
import { jsonOnly } from './credentials';
import { methodNotAllowed } from './error-handler';
import type { Guard } from './guard';
import { MAX_BODY_BYTES, toHttpError } from './http-error';
import { describeIssues } from '../config/issues';
import { report, reportBatch } from './reports-schema';
import { createRequestLimits } from './request-limits';

const WORDING = { section: 'reports.limits', enough: 'has reported enough' };

/** A batch can make thousands of mistakes. */
const MAX_SHOWN_ISSUES = 5;

const REFUSALS: Readonly<Partial<Record<number, Refusal>>> = {
  400: 'request',
  401: 'forbidden',
  403: 'forbidden',
  413: 'request',
  415: 'request',
};

export interface ReportCalls {
  readonly reports: Pick<Reports, 'take' | 'counts'>;
  readonly settings: Pick<Config['reports'], 'maxBatch' | 'limits'>;
}

/** What clients and media servers say of their calls. A request is taken whole or not at all. */
export function reportsRouter({ reports, settings }: ReportCalls, guard: Guard): Router {
  const router = Router();
  const read = reading(settings.maxBatch);
  router
    .route('/v1/reports')
    .post(
      guard.allow('report'),
      limited(settings.limits, reports.counts.refused, guard),
      jsonOnly,
      express.json({ limit: MAX_BODY_BYTES, inflate: false, strict: false }),
      (request, response) => {
        response
          .status(202)
          .set('Cache-Control', 'no-store')
          .json(reports.take(read(request.body)));
      },
    )
    .all(methodNotAllowed('POST'));
  router.use('/v1/reports', counting(reports.counts.refused));
  return router;
}

/** Before the body is read: nonsense costs as much as sense. */
function limited(
  limits: ReportCalls['settings']['limits'],
  refused: Record<Refusal, number>,
  guard: Guard,
): RequestHandler {
  const requestLimits = createRequestLimits(limits, () => refused.limit++, WORDING);
  return async (request, _response, next) => {
    const { remoteAddress: address } = request.socket;
    await requestLimits.take({ key: guard.ownerOf(request)?.name, address, user: undefined });
    next();
  };
}

/** One report, or a list of them. */
function reading(maxBatch: number) {
  const [batch, single] = [reportBatch(maxBatch), report.transform((one) => [one])];
  return (body: unknown): readonly Report[] => {
    const parsed = (Array.isArray(body) ? batch : single).safeParse(body, { error: explain });
    if (parsed.success) return parsed.data;
    throw new UserError('bad_request', `${describeIssues(parsed.error).slice(0, MAX_SHOWN_ISSUES).join('; ')}.`);
  };
}

/** What is refused before it is read, or for what was read. */
function counting(refused: Record<Refusal, number>): ErrorRequestHandler {
  return (error: unknown, _request, _response, next) => {
    const refusal = REFUSALS[toHttpError(error).status];
    if (refusal !== undefined) refused[refusal]++;
    next(error);
  };
}
