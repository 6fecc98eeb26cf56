/** What of Grafana's JSON asks Prometheus. */
interface DashboardJson {
  readonly title: string;
  readonly panels: readonly { title?: string; targets?: readonly { expr: string; legendFormat?: string }[] }[];
  readonly annotations: { readonly list: readonly { name: string; expr: string }[] };
  readonly templating: { readonly list: readonly { name: string; definition?: string }[] };
}

/** A query of a dashboard, and where it stands. */
export interface DashboardQuery {
  readonly dashboard: string;
  /** The title of the panel, or what else it is. */
  readonly panel: string;
  readonly legend: string;
  readonly expr: string;
}

/** Every query of a dashboard: of its panels, its annotations and its variables. */
export function queriesOf(text: string): DashboardQuery[] {
  const { title: dashboard, panels, annotations, templating } = JSON.parse(text) as DashboardJson;
  return [
    ...panels.flatMap(({ title = '', targets = [] }) =>
      targets.map(({ expr, legendFormat: legend = '' }) => ({ dashboard, panel: title, legend, expr })),
    ),
    ...annotations.list.map(({ name, expr }) => ({ dashboard, panel: `annotation: ${name}`, legend: '', expr })),
    ...templating.list.flatMap(({ name, definition }) =>
      definition === undefined
        ? []
        : [{ dashboard, panel: `variable: ${name}`, legend: '', expr: byLabel(definition) }],
    ),
  ];
}

/** `label_values(series, label)` is Grafana's own; Prometheus can count the series of each value. */
function byLabel(definition: string): string {
  const [, series = '', label = ''] = /^label_values\((.*), (\w+)\)$/.exec(definition) ?? [];
  return `count by (${label}) (${series})`;
}

/** The expression with a value for each of Grafana's variables. */
export function filled(expr: string, values: Readonly<Record<string, string>>): string {
  return expr.replaceAll(/\$(\w+)|\$\{(\w+)\}/g, (whole, bare?: string, braced?: string) => {
    return values[bare ?? braced ?? ''] ?? whole;
  });
}

const WORDS = new Set(['and', 'or', 'unless']);

/** The names of the metrics that an expression asks for. */
export function metricsIn(expr: string): string[] {
  const bare = expr
    .replaceAll(/"[^"]*"|\{[^}]*\}|\[[^\]]*\]/g, '')
    .replaceAll(/\b(by|without|on|ignoring)\s*\([^)]*\)/g, '');
  const names = [...bare.matchAll(/[A-Za-z_:][\w:]*\b(?!\s*\()/g)].map(([name]) => name);
  return [...new Set(names)].filter((name) => !WORDS.has(name));
}
