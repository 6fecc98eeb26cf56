/** A page of Prometheus' text format, by series (`name{a="b"}`, as printed). */
export type Page = ReadonlyMap<string, number>;

export function parsePage(text: string): Page {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => {
      const at = line.lastIndexOf(' ');
      return [line.slice(0, at), Number(line.slice(at + 1))];
    }),
  );
}

/** The sum of a metric's series whose labels hold all of these. */
export function total(page: Page, name: string, labels: Readonly<Record<string, string>> = {}): number {
  const wanted = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
  let sum = 0;
  for (const [series, value] of page) {
    const [seriesName = '', rest = ''] = series.split('{');
    if (seriesName === name && wanted.every((pair) => rest.includes(pair))) sum += value;
  }
  return sum;
}
