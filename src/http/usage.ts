import { Router, type Request } from 'express';
import type { UsageReader } from '../usage/usage-store';
import { methodNotAllowed } from './error-handler';
import type { Guard } from './guard';
import { readQuery } from './query';
import { streamAnswer } from './stream-answer';
import { usageQuestion } from './usage-query';
import { usageQuery, type UsageFormat } from './usage-schema';
import { usageText } from './usage-text';

const MEDIA_TYPES = { 'application/json': 'json', 'application/x-ndjson': 'ndjson', 'text/csv': 'csv' } as const;

const HEADERS: Record<UsageFormat, Readonly<Record<string, string>>> = {
  json: { 'Content-Type': 'application/json; charset=utf-8' },
  ndjson: { 'Content-Type': 'application/x-ndjson; charset=utf-8' },
  csv: {
    'Content-Type': 'text/csv; charset=utf-8; header=present',
    'Content-Disposition': 'attachment; filename="usage.csv"',
  },
};

/** Usage records and their sums, streamed: memory does not grow with what is asked for. */
export function usageRouter(reader: UsageReader, guard: Guard): Router {
  const router = Router();
  router
    .route('/v1/usage')
    .get(guard.allow('read'), async (request, response) => {
      const given = readQuery(usageQuery, request);
      const format = given.format ?? acceptedFormat(request);
      const pieces = usageText(reader, usageQuestion(given, format), format);
      await streamAnswer(response, { ...HEADERS[format], 'Cache-Control': 'no-store', Vary: 'Accept' }, pieces);
    })
    .all(methodNotAllowed('GET', 'HEAD'));
  return router;
}

function acceptedFormat(request: Request): UsageFormat {
  const accepted = request.accepts(Object.keys(MEDIA_TYPES));
  return accepted === false ? 'json' : MEDIA_TYPES[accepted as keyof typeof MEDIA_TYPES];
}
