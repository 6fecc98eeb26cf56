import type { RequestHandler } from 'express';
import type { Clock } from '../lib/clock';
import type { Tracer } from '../lib/tracer';
import type { Histogram } from '../turn/histogram';

/** Notes how long answers take, in seconds; with the trace of the last one in each bucket, where there is one. */
export function timedAnswers(duration: Histogram, clock: Clock, tracer: Tracer): RequestHandler {
  return (_request, response, next) => {
    const began = performance.now();
    const span = tracer.current();
    response.on('finish', () => {
      const value = (performance.now() - began) / 1000;
      duration.observe(value);
      if (span?.isSampled === true) duration.note({ value, at: clock.now(), ...span });
    });
    next();
  };
}
