import type * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import * as prometheus from '@grafana/grafana-foundation-sdk/prometheus';
import * as table from '@grafana/grafana-foundation-sdk/table';
import { columnProperties, thresholds } from './fields';
import { relayLink } from './links';
import type { Column, Table } from './panel';
import { refId } from './draw';

const ROW_LABEL = 'instance';
const ROW_NAME = 'Relay';

/** One query a column; Grafana merges their results by the label that they have in common. */
export function drawTable({ title, description, unit, columns }: Table): dashboard.Panel {
  const builder = new table.PanelBuilder()
    .title(title)
    .description(description)
    .unit(unit)
    .thresholds(thresholds())
    .filterable(true)
    .targets(columns.map(({ expr }, index) => target(expr, index)))
    .withTransformation({ id: 'merge', options: {} })
    .withTransformation({ id: 'organize', options: organized(columns) })
    .overrideByName(ROW_NAME, [{ id: 'links', value: [{ title: 'This relay', url: relayLink('${__value.raw}') }] }]);
  for (const column of columns) {
    const properties = columnProperties(column);
    if (properties.length > 0) builder.overrideByName(column.name, properties);
  }
  return builder.build();
}

function target(expr: string, index: number): prometheus.DataqueryBuilder {
  return new prometheus.DataqueryBuilder()
    .refId(refId(index))
    .expr(expr)
    .instant()
    .format(prometheus.PromQueryFormat.Table);
}

/** The names of the columns, in their order; the time, and values that stand for a label, are left out. */
function organized(columns: readonly Column[]): object {
  const fields = columns.map(({ label }, index) => label ?? valueField(index));
  const hidden = columns.flatMap(({ label }, index) => (label === undefined ? [] : [valueField(index)]));
  const names = columns.map(({ name }, index): [string, string] => [fields[index] ?? name, name]);
  return {
    excludeByName: Object.fromEntries(['Time', ...hidden].map((field) => [field, true])),
    indexByName: Object.fromEntries([ROW_LABEL, ...fields].map((field, index) => [field, index])),
    renameByName: Object.fromEntries([[ROW_LABEL, ROW_NAME], ...names]),
  };
}

/** What Grafana calls the value of a query once its results are merged. */
function valueField(index: number): string {
  return `Value #${refId(index)}`;
}
