import type { Meaning } from './panel';

/** Of `coturn_up` and the like. */
export const UP: Meaning = { 0: { text: 'down', color: 'red' }, 1: { text: 'up', color: 'green' } };
/** Of `turnkeeper_collector_success` and the like. */
export const GOOD: Meaning = { 0: { text: 'fails', color: 'red' }, 1: { text: 'works', color: 'green' } };
