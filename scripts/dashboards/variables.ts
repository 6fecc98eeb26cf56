import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import type { DashboardPlan } from './panel';

/** Whichever Prometheus the reader chooses. */
export const DATASOURCE = { type: 'prometheus', uid: '${datasource}' };

const ALL = { text: 'All', value: '$__all' };

/** What the reader chooses from, above the panels. */
export function variables({ of, hasPrefix = false }: DashboardPlan): dashboard.VariableModel[] {
  const many = of === 'many';
  return [
    new dashboard.DatasourceVariableBuilder('datasource').label('Data source').type('prometheus').build(),
    fromLabel('job', 'Job', 'turnkeeper_build_info', true),
    // Prometheus knows of one that it never reached, or not for as long as is shown, by this alone.
    fromLabel('instance', 'Relay', 'up{job=~"$job"}', many),
    fromLabel('realm', 'Realm', 'coturn_sessions{job=~"$job",instance=~"$instance"}', true),
    ...(hasPrefix ? [prefix()] : []),
  ];
}

/** The values of a label that some series have; all of them at first where many may be chosen. */
function fromLabel(name: string, label: string, series: string, many: boolean): dashboard.VariableModel {
  const query = `label_values(${series}, ${name})`;
  const variable = new dashboard.QueryVariableBuilder(name)
    .label(label)
    .datasource(DATASOURCE)
    .query({ query, refId: `${name}s` })
    .definition(query)
    .refresh(dashboard.VariableRefresh.OnTimeRangeChanged)
    .sort(dashboard.VariableSort.AlphabeticalAsc)
    .multi(many)
    .includeAll(many);
  return many ? variable.current(ALL).build() : variable.build();
}

function prefix(): dashboard.VariableModel {
  return new dashboard.TextBoxVariableBuilder('prefix')
    .label('licode.prefix')
    .description('What the names of the metrics of licode and mediasoup-signal begin with, as configured.')
    .defaultValue('mediasoup_')
    .current({ text: 'mediasoup_', value: 'mediasoup_' })
    .build();
}
