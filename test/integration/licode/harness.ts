import { licode } from '../../../src/config/licode';
import { systemClock } from '../../../src/lib/clock';
import { FLAVOURS } from '../../../src/licode/flavour';
import { LicodeSource } from '../../../src/licode/licode-source';
import type { RovCluster } from '../../support/rov-components';
import { recordingLogger, type LogLine } from '../../unit/collectors/recording-logger';

export interface Settings {
  readonly amqp: string;
  readonly flavour?: 'licode' | 'mediasoup';
  /** Seconds. */
  readonly interval?: number;
}

export function makeSource({ amqp, flavour = 'mediasoup', interval = 0.2 }: Settings): {
  source: LicodeSource;
  lines: LogLine[];
} {
  const { logger, lines } = recordingLogger();
  const settings = licode.parse({ amqp, flavour, interval });
  return { source: new LicodeSource({ settings, clock: systemClock, logger }), lines };
}

/** What a gauge shows; throws for a name that there is none of. */
export function valueOf(source: LicodeSource, name: string): number | undefined {
  const gauge = source.gauges.find((one) => one.name === name);
  if (!gauge) throw new Error(`no gauge ${name}`);
  return gauge.value;
}

/** Every text that may be typed into a component of a flavour. */
export function questionsOf(flavour: 'licode' | 'mediasoup'): Set<string> {
  return new Set(FLAVOURS[flavour].flatMap(({ questions }) => questions.map(({ text }) => text)));
}

/** How many REPLs are left in a cluster's components. */
export function openSessions(cluster: RovCluster): number {
  return cluster.components.reduce((sum, { opened, closed }) => sum + opened - closed, 0);
}
