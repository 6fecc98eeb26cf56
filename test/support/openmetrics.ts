const NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*';
const LABEL = '[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\\\\n]|\\\\["\\\\n])*"';
const SAMPLE = new RegExp(`^(${NAME})(?:\\{${LABEL}(?:,${LABEL})*\\})? (\\S+)$`);
const DESCRIPTOR = new RegExp(`^# (?:HELP (${NAME}) .*|TYPE (${NAME}) (counter|gauge|histogram|unknown))$`);
const NUMBER = /^(?:[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?|[+-]?inf|nan)$/i;
/** What a family's samples are called after its name, by its type. */
const SUFFIXES: Readonly<Record<string, readonly string[]>> = {
  counter: ['_total'],
  gauge: [''],
  unknown: [''],
  histogram: ['_bucket', '_sum', '_count'],
};
const END = '# EOF';

/** What in an exposition breaks the OpenMetrics 1.0 text format, as far as an agent without exemplars, units and times uses it. */
export function openMetricsFaults(text: string): string[] {
  const page = new OpenMetricsPage();
  const lines = text.split('\n');
  if (lines.pop() !== '' || lines.pop() !== END) page.faults.push('does not end with # EOF and a newline');
  for (const line of lines) page.read(line);
  return page.faults;
}

class OpenMetricsPage {
  readonly faults: string[] = [];
  private readonly families = new Set<string>();
  private readonly series = new Set<string>();
  private family = '';
  private type = 'unknown';

  read(line: string): void {
    const descriptor = DESCRIPTOR.exec(line);
    if (descriptor) this.describe(line, descriptor[1] ?? descriptor[2] ?? '', descriptor[3]);
    else this.sample(line);
  }

  private describe(line: string, name: string, type: string | undefined): void {
    if (name !== this.family) {
      if (this.families.has(name)) this.faults.push(`family again: ${line}`);
      this.families.add(name);
      this.family = name;
      this.type = 'unknown';
    }
    if (type !== undefined) this.type = type;
    if (type === 'counter' && name.endsWith('_total')) this.faults.push(`counter named with its suffix: ${line}`);
  }

  private sample(line: string): void {
    const [, name = '', value = ''] = SAMPLE.exec(line) ?? [];
    if (!NUMBER.test(value)) this.faults.push(`not a line of OpenMetrics: ${line}`);
    const names = (SUFFIXES[this.type] ?? []).map((suffix) => this.family + suffix);
    if (!names.includes(name)) this.faults.push(`not a sample of the ${this.type} ${this.family}: ${line}`);
    const series = line.slice(0, line.lastIndexOf(' '));
    if (this.series.has(series)) this.faults.push(`series again: ${line}`);
    this.series.add(series);
  }
}
