import * as common from '@grafana/grafana-foundation-sdk/common';
import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import * as heatmap from '@grafana/grafana-foundation-sdk/heatmap';
import * as prometheus from '@grafana/grafana-foundation-sdk/prometheus';
import * as stat from '@grafana/grafana-foundation-sdk/stat';
import * as statetimeline from '@grafana/grafana-foundation-sdk/statetimeline';
import * as timeseries from '@grafana/grafana-foundation-sdk/timeseries';
import { mappings, thresholds } from './fields';
import { relayLink } from './links';
import type { Figure, Graph, HeatMap, Panel, Query, Timeline } from './panel';
import { drawTable } from './table';

type Builder = timeseries.PanelBuilder | stat.PanelBuilder | heatmap.PanelBuilder | statetimeline.PanelBuilder;

/** A panel as Grafana's own library builds it; where it stands is somebody else's. */
export function draw(panel: Panel): dashboard.Panel {
  switch (panel.kind) {
    case 'graph':
      return finished(graph(panel), panel);
    case 'figure':
      return finished(figure(panel), panel);
    case 'heat map':
      return finished(heatMap(panel), panel);
    case 'timeline':
      return finished(timeline(panel), panel);
    case 'table':
      return drawTable(panel);
  }
}

function finished(builder: Builder, panel: Exclude<Panel, { kind: 'table' }>): dashboard.Panel {
  const { title, description, unit, queries } = panel;
  const targets = queries.map((query, index) => target(query, index, panel.kind));
  return builder.title(title).description(description).unit(unit).targets(targets).build();
}

function target({ expr, legend }: Query, index: number, kind: Panel['kind']): prometheus.DataqueryBuilder {
  const query = new prometheus.DataqueryBuilder().refId(refId(index)).expr(expr).legendFormat(legend);
  if (kind === 'figure') return query.instant();
  return kind === 'heat map' ? query.range().format(prometheus.PromQueryFormat.Heatmap) : query.range();
}

/** A, B, C ... */
export function refId(index: number): string {
  return String.fromCharCode('A'.charCodeAt(0) + index);
}

function graph({
  stacked = false,
  max,
  thresholds: list,
  linksToRelay = false,
  queries,
}: Graph): timeseries.PanelBuilder {
  const builder = new timeseries.PanelBuilder()
    .lineWidth(1)
    .fillOpacity(stacked ? 40 : 10)
    .showPoints(common.VisibilityMode.Never)
    .stacking(new common.StackingConfigBuilder().mode(stacked ? common.StackingMode.Normal : common.StackingMode.None))
    .thresholds(thresholds(list))
    .legend(new common.VizLegendOptionsBuilder().displayMode(common.LegendDisplayMode.List).showLegend(true).calcs([]))
    .tooltip(
      new common.VizTooltipOptionsBuilder().mode(common.TooltipDisplayMode.Multi).sort(common.SortOrder.Descending),
    );
  // What is sent stands below the axis.
  if (!queries.some(({ expr }) => expr.startsWith('-'))) builder.min(0);
  if (max !== undefined) builder.max(max);
  if (list) {
    const dashed = common.GraphThresholdsStyleMode.Dashed;
    builder.thresholdsStyle(new common.GraphThresholdsStyleConfigBuilder().mode(dashed));
  }
  if (linksToRelay) {
    const link = new dashboard.DashboardLinkBuilder('This relay').url(relayLink('${__field.labels.instance}'));
    builder.dataLinks([link]);
  }
  return builder;
}

function figure({ meaning, decimals, thresholds: list }: Figure): stat.PanelBuilder {
  const builder = new stat.PanelBuilder()
    .reduceOptions(new common.ReduceDataOptionsBuilder().calcs(['lastNotNull']).values(false))
    .graphMode(common.BigValueGraphMode.None)
    .colorMode(common.BigValueColorMode.Value)
    .thresholds(thresholds(list));
  if (meaning) builder.mappings(mappings(meaning));
  if (decimals !== undefined) builder.decimals(decimals);
  return builder;
}

function heatMap({ unit }: HeatMap): heatmap.PanelBuilder {
  return new heatmap.PanelBuilder()
    .calculate(false)
    .yAxis(new heatmap.YAxisConfigBuilder().unit(unit))
    .color(new heatmap.HeatmapColorOptionsBuilder().mode(heatmap.HeatmapColorMode.Scheme).scheme('Oranges').steps(64))
    .cellGap(1)
    .filterValues(new heatmap.FilterValueRangeBuilder().le(1e-9))
    .tooltip(new heatmap.HeatmapTooltipBuilder().mode(common.TooltipDisplayMode.Single).yHistogram(true));
}

function timeline({ meaning }: Timeline): statetimeline.PanelBuilder {
  return new statetimeline.PanelBuilder()
    .mappings(mappings(meaning))
    .mergeValues(true)
    .showValue(common.VisibilityMode.Never)
    .rowHeight(0.8)
    .fillOpacity(70);
}
