import type { Gauge, Question, Reading } from './question';

/** By the gauge's name; undefined where nobody who was asked answered. */
export type GaugeValues = ReadonlyMap<string, number | undefined>;

/** What all components of a kind said to one question; undefined for one that did not answer. */
export function combine(question: Question, readings: readonly (Reading | undefined)[]): GaugeValues {
  const answered = readings.filter((reading) => reading !== undefined);
  const isKnown = answered.length > 0 || readings.length === 0;
  return new Map(question.gauges.map((gauge) => [gauge.name, isKnown ? combineGauge(gauge, answered) : undefined]));
}

function combineGauge(gauge: Gauge, readings: readonly Reading[]): number {
  const values = readings.map(({ numbers }) => numbers.get(gauge.name)).filter((value) => value !== undefined);
  switch (gauge.combine) {
    case 'sum':
      return sum(values);
    case 'max':
      return values.reduce((most, value) => Math.max(most, value), 0);
    case 'mean':
      return values.length > 0 ? sum(values) / values.length : (gauge.ofNone ?? 0);
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
