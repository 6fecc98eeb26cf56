import { LAYERS, type Layer } from '../webrtc/layers';
import type { Question, Reading } from './question';

type Failures = Record<Layer, number>;

/** The components forget their counts when they are asked: what an answer told is added up here, at once. */
export class FailureTally {
  /** Since the agent started. */
  readonly total: Failures = none();
  /** What came in the interval that ended last. */
  recent: Readonly<Failures> = none();
  private current: Failures = none();

  add({ gauges }: Question, { numbers }: Reading): void {
    for (const { layer, name } of gauges) {
      const count = (layer && numbers.get(name)) ?? 0;
      if (layer) this.current[layer] += count;
      if (layer) this.total[layer] += count;
    }
  }

  endInterval(): void {
    this.recent = this.current;
    this.current = none();
  }
}

function none(): Failures {
  return Object.fromEntries(LAYERS.map((layer) => [layer, 0])) as Failures;
}
