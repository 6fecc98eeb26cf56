import { filled, type DashboardQuery } from './queries';

/** A series of Prometheus' answer to an instant query. */
export interface Series {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [seconds: number, text: string];
}

/** Asks Prometheus an expression (`/api/v1/query`); rejects where it is none. */
export type Ask = (expr: string) => Promise<readonly Series[]>;

export interface PanelValue {
  readonly query: DashboardQuery;
  readonly series: readonly Series[];
}

/** What every query shows now, with these values for Grafana's variables, `__rate_interval` among them. */
export async function panelValues(
  queries: readonly DashboardQuery[],
  variables: Readonly<Record<string, string>>,
  ask: Ask,
): Promise<PanelValue[]> {
  const values: PanelValue[] = [];
  for (const query of queries) values.push({ query, series: await ask(filled(query.expr, variables)) });
  return values;
}

/** Longer texts are cut. */
const WIDTHS = { dashboard: 20, panel: 36, legend: 30 };

/** A line for each query: where it stands, how many series it has, and their values or the range of them. */
export function panelTable(values: readonly PanelValue[]): string {
  return values.map(({ query, series }) => `${cellsOf(query)}${valueText(series)}\n`).join('');
}

function cellsOf(query: DashboardQuery): string {
  const names = Object.entries(WIDTHS) as [keyof typeof WIDTHS, number][];
  return names.map(([name, width]) => query[name].slice(0, width).padEnd(width + 2)).join('');
}

function valueText(series: readonly Series[]): string {
  const numbers = series.map(({ value }) => Number(value[1])).sort((a, b) => a - b);
  const [least = NaN, most = NaN] = [numbers[0], numbers.at(-1)];
  if (numbers.length === 0) return 'nothing';
  const range = least === most ? numberText(least) : `${numberText(least)} to ${numberText(most)}`;
  return numbers.length === 1 ? range : `${range} (${numbers.length} series)`;
}

/** Four digits are enough to read. */
function numberText(value: number): string {
  return String(Number(value.toPrecision(4)));
}
