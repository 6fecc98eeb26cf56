import type { GridPos } from '@grafana/grafana-foundation-sdk/dashboard';
import type { Panel } from './panel';

/** Of Grafana's grid. */
const COLUMNS = 24;

const HEIGHTS: Readonly<Record<Panel['kind'], number>> = {
  figure: 4,
  graph: 8,
  'heat map': 8,
  timeline: 8,
  table: 9,
};

/** Where the panels of a row stand, from this line of the grid down: side by side, and on a new line where one is full. */
export function placed(panels: readonly Panel[], top: number): GridPos[] {
  let [x, y, lineHeight] = [0, top, 0];
  return panels.map(({ kind, width }) => {
    if (x + width > COLUMNS) [x, y, lineHeight] = [0, y + lineHeight, 0];
    const position = { x, y, w: width, h: HEIGHTS[kind] };
    x += width;
    lineHeight = Math.max(lineHeight, position.h);
    return position;
  });
}

/** The first line of the grid below all of these. */
export function below(positions: readonly GridPos[]): number {
  return Math.max(...positions.map(({ y, h }) => y + h));
}
