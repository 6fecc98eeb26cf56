'use strict';

/**
 * `node -r` this file: the wall clock of the process goes wrong by the milliseconds in the file that CHAOS_CLOCK names,
 * also when that changes. The monotonic clock stays as it is, as when an administrator or NTP steps the time.
 */
const { readFileSync } = require('node:fs');

const LOOK_MS = 20;
const RealDate = Date;
const file = process.env.CHAOS_CLOCK;
let offset = 0;
let lookedAt = -Infinity;

function now() {
  if (performance.now() > lookedAt + LOOK_MS) {
    lookedAt = performance.now();
    offset = Number(readFileSync(file, 'utf8'));
  }
  return RealDate.now() + offset;
}

globalThis.Date = class Date extends RealDate {
  constructor(...args) {
    if (args.length === 0) super(now());
    else super(...args);
  }

  static now() {
    return now();
  }
};
