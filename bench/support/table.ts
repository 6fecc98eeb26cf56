import { isMet, type Figure, type Goal } from '../benchmark';

/** A figure with its goal and verdict, and the numbers behind it in the line below. */
export function line(figure: Figure): string {
  const { what, value, unit, goal, raw } = figure;
  const verdict =
    goal === undefined ? '' : `${writtenGoal(goal, unit).padEnd(12)}${isMet(value, goal) ? 'met' : 'NOT MET'}`;
  return `${what.padEnd(60)}${quantity(value, unit).padStart(9)}   ${verdict}`.trimEnd() + `\n    ${raw}\n`;
}

/** `8 of 9 goals met` */
export function verdict(figures: readonly Figure[]): string {
  const goals = figures.flatMap(({ value, goal }) => (goal === undefined ? [] : [isMet(value, goal)]));
  return `${goals.filter(Boolean).length} of ${goals.length} goals met`;
}

function writtenGoal(goal: Goal, unit: string): string {
  return 'atLeast' in goal ? `>= ${goal.atLeast} ${unit}` : `<= ${goal.atMost} ${unit}`;
}

function quantity(value: number, unit: string): string {
  return `${value.toFixed(value < 10 ? 2 : 0)} ${unit}`;
}
