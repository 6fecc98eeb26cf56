import {
  MappingType,
  ThresholdsConfigBuilder,
  ThresholdsMode,
  type DynamicConfigValue,
  type Threshold as Step,
  type ValueMapping,
} from '@grafana/grafana-foundation-sdk/dashboard';
import type { Column, Meaning, Threshold } from './panel';

const NO_THRESHOLD: readonly Threshold[] = [['text']];

export function thresholds(list: readonly Threshold[] = NO_THRESHOLD): ThresholdsConfigBuilder {
  return new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps(steps(list));
}

function steps(list: readonly Threshold[]): Step[] {
  return list.map(([color, value = null]) => ({ color, value }));
}

export function mappings(meaning: Meaning): ValueMapping[] {
  const entries = Object.entries(meaning).map(([value, { text, color }], index) => [value, { text, color, index }]);
  return [{ type: MappingType.ValueToText, options: Object.fromEntries(entries) as Record<string, object> }];
}

/** What sets a column apart from the others of its table. */
export function columnProperties({ unit, thresholds: list, meaning }: Column): DynamicConfigValue[] {
  const coloured = list !== undefined || meaning !== undefined;
  return [
    ...(unit === undefined ? [] : [{ id: 'unit', value: unit }]),
    ...(list ? [{ id: 'thresholds', value: { mode: ThresholdsMode.Absolute, steps: steps(list) } }] : []),
    ...(meaning ? [{ id: 'mappings', value: mappings(meaning) }] : []),
    ...(coloured ? [{ id: 'custom.cellOptions', value: { type: 'color-text' } }] : []),
  ];
}
