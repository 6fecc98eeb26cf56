import { formatted, generated, plain } from './markdown';
import { readFamilies, type Family } from './families';

/** What one collector of one agent puts on the page, in Prometheus' text format. */
export interface CollectorPage {
  readonly collector: string;
  readonly text: string;
}

const INTRODUCTION = `Every metric that an agent can show, as agents that were configured with everything showed them. Each
collector can be asked for alone (\`/metrics?collect[]=relay\`). What is not configured has no series. Labels have these
values alone where they are told; no user, address or session is in any.`;

/** Named by the machine, by other software or by the configuration: their values here say nothing. */
const NAMED_ELSEWHERE = new Set(['realm', 'device', 'version', 'node_version', 'role', 'collector']);
/** Their labels come and go with what Node.js is doing. */
const OF_NODE = 'nodejs_';
/** More are not worth reading. */
const MAX_VALUES = 12;

/** docs/metrics.md. The same families of several agents are one. */
export function metricsPage(pages: readonly CollectorPage[], how: string): Promise<string> {
  const collectors = new Map<string, Map<string, Family>>();
  for (const { collector, text } of pages) {
    const known = collectors.get(collector) ?? new Map<string, Family>();
    collectors.set(collector, readFamilies(text, known));
  }
  const everywhere = sharedNames([...collectors.values()]);
  const parts = [...collectors].flatMap(([collector, families]) => {
    const own = [...families.values()].filter(({ name }) => !everywhere.has(name));
    return own.length === 0 ? [] : [`## Collector \`${collector}\``, linesOf(own)];
  });
  const [first] = collectors.values();
  const shared = [...(first?.values() ?? [])].filter(({ name }) => everywhere.has(name));
  return formatted([generated(how), '# Metrics', INTRODUCTION, ...parts, '## Of every collector', linesOf(shared)]);
}

/** What comes with whichever collector is asked for. */
function sharedNames(collectors: readonly ReadonlyMap<string, Family>[]): Set<string> {
  const [first = new Map<string, Family>(), ...others] = collectors;
  return new Set([...first.keys()].filter((name) => others.every((families) => families.has(name))));
}

function linesOf(families: readonly Family[]): string {
  return families.map(lineOf).join('\n');
}

function lineOf({ name, type, help, labels }: Family): string {
  const told = name.startsWith(OF_NODE) ? [] : [...labels];
  const by = told.map(([label, values]) => `\`${label}\`${valuesText(label, values)}`);
  return `- \`${name}\` (${type}${by.length > 0 ? `, by ${by.join(', ')}` : ''}): ${plain(help)}`;
}

function valuesText(label: string, values: ReadonlySet<string>): string {
  const told = !NAMED_ELSEWHERE.has(label) && values.size <= MAX_VALUES;
  return told ? ` (${[...values].map(plain).join(', ')})` : '';
}
