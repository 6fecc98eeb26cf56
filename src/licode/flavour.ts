import type { Config } from '../config/schema';
import type { Kind } from './components';
import { licodeFlavour } from './licode-flavour';
import { mediasoupFlavour } from './mediasoup-flavour';
import type { Gauge, Question } from './question';

/**
 * Which components there are and what each is asked; nothing else is ever sent to one. The questions ask for what the
 * original gatherers ask for (`erizo_controller/ROV/rovMetricsGatherer.js`), with answers of the same shapes, and leave no
 * names behind in the REPL.
 */
export type Flavour = readonly Level[];

/** A kind of components. Those of the first level are named by nuve, those of the others by the level before. */
export interface Level {
  readonly kind: Kind;
  /** Asked in this order. */
  readonly questions: readonly Question[];
}

export const FLAVOURS: Readonly<Record<NonNullable<Config['licode']>['flavour'], Flavour>> = {
  licode: licodeFlavour,
  mediasoup: mediasoupFlavour,
};

/** Every number that a flavour gives, in the order of its questions. */
export function gaugesOf(flavour: Flavour): readonly Gauge[] {
  return flavour.flatMap(({ questions }) => questions.flatMap(({ gauges }) => gauges));
}
