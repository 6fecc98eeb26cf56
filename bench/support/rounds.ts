type Measure = (round: number) => Promise<number>;

export interface Summary {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

/**
 * Measures the contenders by turns, so that a noisy minute of the machine hits them alike. Round 0 warms them up and
 * does not count.
 */
export async function byTurns<Name extends string>(
  rounds: number,
  contenders: Readonly<Record<Name, Measure>>,
): Promise<Record<Name, Summary>> {
  const entries = Object.entries(contenders) as [Name, Measure][];
  const measured = entries.map(([name, measure]) => ({ name, measure, values: [] as number[] }));
  for (let round = 0; round <= rounds; round++) {
    for (const { measure, values } of measured) {
      const value = await measure(round);
      if (round > 0) values.push(value);
    }
  }
  return Object.fromEntries(measured.map(({ name, values }) => [name, summarize(values)])) as Record<Name, Summary>;
}

function summarize(values: readonly number[]): Summary {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (index: number): number => sorted.at(index) ?? NaN;
  const middle = (sorted.length - 1) / 2;
  return { median: (at(Math.floor(middle)) + at(Math.ceil(middle))) / 2, least: at(0), most: at(-1) };
}

/** `1.21 (1.18 to 1.35)`, each divided by `unit`. */
export function written({ median, least, most }: Summary, digits: number, unit = 1): string {
  const text = (value: number): string => (value / unit).toFixed(digits);
  return `${text(median)} (${text(least)} to ${text(most)})`;
}
