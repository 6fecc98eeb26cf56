import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import { RELAYS } from './promql';
import { DATASOURCE } from './variables';

/** What happened, marked in every graph. Annotations know no `$__rate_interval`: the window is that of the step. */
export function annotations(): dashboard.AnnotationQuery[] {
  return [
    marks('coturn started again', 'orange', {
      expr: `sum by (instance, reason) (increase(coturn_restarts_total{${RELAYS}}[2m])) > 0`,
      title: 'coturn started again on {{instance}}',
      text: 'its life before ended by: {{reason}}',
    }),
    marks('Alerts', 'red', {
      expr: `max by (instance, alertname, severity) (ALERTS{${RELAYS},alertstate="firing"})`,
      title: '{{alertname}} on {{instance}}',
      text: '{{severity}}',
    }),
  ];
}

function marks(
  name: string,
  color: string,
  query: { expr: string; title: string; text: string },
): dashboard.AnnotationQuery {
  return new dashboard.AnnotationQueryBuilder()
    .name(name)
    .datasource(DATASOURCE)
    .enable(true)
    .iconColor(color)
    .expr(query.expr)
    .step('60s')
    .titleFormat(query.title)
    .textFormat(query.text)
    .build();
}
