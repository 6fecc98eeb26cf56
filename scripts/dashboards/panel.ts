/** What one query of a panel asks Prometheus, and how its series are called. */
export interface Query {
  readonly expr: string;
  /** Grafana's form: `{{label}}`. */
  readonly legend: string;
}

/** A colour from a value on; the first one is for everything below the second. */
export type Threshold = readonly [color: string, from?: number];

/** What a number stands for. */
export type Meaning = Readonly<Record<number, { readonly text: string; readonly color: string }>>;

interface Common {
  readonly title: string;
  readonly description: string;
  /** Of 24 columns. */
  readonly width: number;
  /** Grafana's name of it; `short` for a plain number. */
  readonly unit: string;
  readonly thresholds?: readonly Threshold[];
}

interface Drawn extends Common {
  readonly queries: readonly Query[];
}

/** Lines over time. */
export interface Graph extends Drawn {
  readonly kind: 'graph';
  readonly stacked?: boolean;
  readonly max?: number;
  /** A click on a series, which has an `instance`, leads to the dashboard of this relay. */
  readonly linksToRelay?: boolean;
}

/** Numbers of now, large. */
export interface Figure extends Drawn {
  readonly kind: 'figure';
  readonly meaning?: Meaning;
  readonly decimals?: number;
}

/** A Prometheus histogram over time; its one query sums by `le`. The unit is the buckets'. */
export interface HeatMap extends Drawn {
  readonly kind: 'heat map';
}

/** States over time, a line each. */
export interface Timeline extends Drawn {
  readonly kind: 'timeline';
  readonly meaning: Meaning;
}

/** One column of a table; its query gives one series for each `instance`. */
export interface Column {
  readonly name: string;
  readonly expr: string;
  /** Shows this label of the series in the place of their values. */
  readonly label?: string;
  readonly unit?: string;
  readonly thresholds?: readonly Threshold[];
  readonly meaning?: Meaning;
}

/** A row for each relay, whose name leads to its dashboard. */
export interface Table extends Common {
  readonly kind: 'table';
  readonly columns: readonly Column[];
}

export type Panel = Graph | Figure | HeatMap | Timeline | Table;

/** Panels that belong together, under a heading; they fill lines of 24 columns. */
export interface Row {
  readonly title: string;
  readonly panels: readonly Panel[];
}

/** A dashboard before it is Grafana's JSON. */
export interface DashboardPlan {
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  /** Whether it shows many relays at a time, or one. */
  readonly of: 'many' | 'one';
  /** Whether its prefix of the names that licode's exporters gave can be chosen. */
  readonly hasPrefix?: boolean;
  readonly rows: readonly Row[];
}
