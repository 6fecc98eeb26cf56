import { lifeIn, type CoturnServer, type CoturnState } from '../coturn/server';
import type { Clock } from '../lib/clock';
import { single, type Collector, type MetricFamily } from './collector';

export interface CoturnCollectorDeps {
  readonly server: Pick<CoturnServer, 'state' | 'restarts'>;
  /** `Clock.monotonic()` of the newest heartbeat on any stats connection, if there was one. */
  readonly lastHeartbeat: () => number | undefined;
  readonly clock: Clock;
}

/** Whether coturn runs, which one, since when, and how often it had to be started again. */
export function coturnCollector({ server, lastHeartbeat, clock }: CoturnCollectorDeps): Collector {
  return {
    name: 'coturn',
    collect: () => {
      const state = server.state();
      return [
        single(
          'gauge',
          'coturn_up',
          'Whether coturn answers STUN Binding requests: 1 or 0.',
          state.kind === 'up' || state.kind === 'draining' ? 1 : 0,
        ),
        ...lifeFamilies(state),
        single(
          'gauge',
          'coturn_draining',
          'Whether coturn takes no new allocations until those open are gone: 1 or 0.',
          state.kind === 'draining' ? 1 : 0,
        ),
        ...heartbeatFamily(lastHeartbeat(), clock),
        {
          name: 'coturn_restarts_total',
          help: 'How often coturn was started again, by how its life before had ended: exit, signal (it crashed or was killed), unresponsive (it hung), requested.',
          type: 'counter',
          samples: Object.entries(server.restarts()).map(([reason, value]) => ({ labels: { reason }, value })),
        },
        single(
          'gauge',
          'coturn_failed_starts',
          'Starts tried since coturn was last healthy, while it is down; more than 2 is a crash loop.',
          state.kind === 'restarting' ? state.failures : 0,
        ),
      ];
    },
  };
}

function lifeFamilies(state: CoturnState): MetricFamily[] {
  const life = lifeIn(state);
  if (!life) return [];
  const { version, startedAt } = life;
  return [
    {
      name: 'coturn_info',
      help: 'Which version of coturn runs; always 1.',
      type: 'gauge',
      samples: [{ labels: { version }, value: 1 }],
    },
    single(
      'gauge',
      'coturn_start_time_seconds',
      'When coturn was started, or first seen where somebody else runs it, in seconds since the Unix epoch.',
      startedAt / 1000,
    ),
  ];
}

function heartbeatFamily(last: number | undefined, clock: Clock): MetricFamily[] {
  if (last === undefined) return [];
  const at = clock.now() - (clock.monotonic() - last);
  return [
    single(
      'gauge',
      'coturn_last_heartbeat_timestamp_seconds',
      'When coturn last sent a heartbeat, one of which is due every 5 s on its stats connection, in seconds since the Unix epoch.',
      at / 1000,
    ),
  ];
}
