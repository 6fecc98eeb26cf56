/** By which Grafana finds the dashboards that belong together. */
export const TAG = 'turnkeeper';

/** The variables that a link to another dashboard takes along. */
const KEPT = '${datasource:queryparam}&${job:queryparam}&${__url_time_range}';

/** Leads from a relay's name, as Grafana knows it at that place, to the dashboard of this relay. */
export function relayLink(name: string): string {
  return `/d/turnkeeper-relay?var-instance=${name}&${KEPT}`;
}

/** Grafana's own list of alerts, those of Prometheus' rules among them. */
export const ALERTS_LINK = '/alerting/list?search=turnkeeper';

/** As in alerts/turnkeeper.rules.yml, which says how to put the place of your own there. */
export const RUNBOOK_LINK = 'https://turnkeeper.example/docs/runbook.md';
