import { printable } from './printable';
import { shorten, widthOf } from './width';

/** One column of a table. */
export interface Column<Row> {
  readonly header: string;
  readonly value: (row: Row) => string;
  readonly align?: 'right';
  /** How few characters still say something; unset: it is shown whole or not at all. */
  readonly least?: number;
}

interface Measured<Row> extends Column<Row> {
  readonly cells: readonly string[];
  readonly full: number;
  readonly narrowest: number;
}

export interface TableOptions<Row> {
  /** In the order in which they are shown. */
  readonly columns: readonly Column<Row>[];
  /** Headers, those that can be spared first. */
  readonly spared: readonly string[];
  /** Columns of the terminal. */
  readonly width: number;
  /** Stands below a rule. */
  readonly total?: Row;
}

const GAP = '  ';

/** The lines of a table no wider than asked for: columns are shortened, and where that is not enough left out. */
export function table<Row>(rows: readonly Row[], options: TableOptions<Row>): string[] {
  const all = options.total === undefined ? rows : [...rows, options.total];
  const measured = options.columns.map((column) => measure(column, all));
  const shown = spare(measured, options.spared, options.width);
  const widths = allot(shown, options.width);
  const lines = all.map((_, row) => lineOf(shown, widths, (column) => column.cells[row] ?? ''));
  const header = lineOf(shown, widths, (column) => column.header);
  const rule = '-'.repeat(sum(widths) + GAP.length * (widths.length - 1));
  if (options.total !== undefined) lines.splice(-1, 0, rule);
  return [header, ...lines];
}

function measure<Row>(column: Column<Row>, rows: readonly Row[]): Measured<Row> {
  const cells = rows.map((row) => printable(column.value(row)));
  const full = cells.reduce((widest, cell) => Math.max(widest, widthOf(cell)), column.header.length);
  return { ...column, cells, full, narrowest: Math.min(full, Math.max(column.least ?? full, column.header.length)) };
}

/** What remains when columns are left out until the rest fits at its narrowest. */
function spare<Row>(columns: readonly Measured<Row>[], spared: readonly string[], width: number): Measured<Row>[] {
  let shown = [...columns];
  for (const header of spared) {
    if (sum(shown.map(({ narrowest }) => narrowest + GAP.length)) - GAP.length <= width) break;
    shown = shown.filter((column) => column.header !== header);
  }
  return shown;
}

/** A width for each: the widest gives way first, down to its narrowest. */
function allot<Row>(columns: readonly Measured<Row>[], width: number): number[] {
  const widths = columns.map(({ full }) => full);
  let excess = sum(widths) + GAP.length * (columns.length - 1) - width;
  while (excess-- > 0) {
    const room = columns.map(({ narrowest }, i) => ((widths[i] ?? 0) > narrowest ? (widths[i] ?? 0) : 0));
    const widest = room.indexOf(Math.max(...room));
    if (widest === -1 || room[widest] === 0) break;
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
  return widths;
}

function lineOf<Row>(
  columns: readonly Measured<Row>[],
  widths: readonly number[],
  cellOf: (column: Measured<Row>) => string,
): string {
  const cells = columns.map((column, i) => padded(cellOf(column), widths[i] ?? 0, column.align));
  return cells.join(GAP).trimEnd();
}

function padded(text: string, width: number, align: 'right' | undefined): string {
  const cell = shorten(text, width);
  const padding = ' '.repeat(Math.max(0, width - widthOf(cell)));
  return align === 'right' ? padding + cell : cell + padding;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
