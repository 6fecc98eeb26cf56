import { relayedOf } from '../reports/relayed-of';
import { Reports } from '../reports/reports';
import type { Context } from './context';
import type { State } from './state';

export function createReports({ config, clock }: Context, { relay }: Pick<State, 'relay'>): Reports {
  return new Reports({ relayedOf: relayedOf(relay.view), intervalMs: config.reports.interval * 1000, clock });
}
