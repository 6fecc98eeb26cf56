import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parse } from 'yaml';
import { alertNames, alerts, ALERTS, expressions, read, RULES } from './rules-file';

const run = promisify(execFile);
const TESTS = readdirSync(join(ALERTS, 'tests'));
/** Of what is not on every page: a registry, a Redis, a certificate. */
const OPTIONAL = ['registry', 'redis', 'certificate'].map((name) => `src/collectors/${name}.ts`);

interface RuleTest {
  readonly alert_rule_test: readonly { readonly alertname: string; readonly exp_alerts: readonly unknown[] }[];
}

test('promtool takes the rules, and finds none twice', async () => {
  const { stdout } = await run('promtool', ['check', 'rules', '--lint=all', '--lint-fatal', RULES]);
  expect(stdout).toContain(`${expressions.length} rules found`);
});

test.each(TESTS)('what %s expects of the rules is so', async (file) => {
  await expect(run('promtool', ['test', 'rules', join(ALERTS, 'tests', file)])).resolves.toBeDefined();
});

test('each alert is tested to fire, with its text, and to be silent', () => {
  const cases = TESTS.flatMap((file) => (parse(read(`alerts/tests/${file}`)) as { tests: RuleTest[] }).tests).flatMap(
    (one) => one.alert_rule_test,
  );
  const where = (has: (expected: readonly unknown[]) => boolean): string[] =>
    alertNames.filter((name) => cases.some(({ alertname, exp_alerts }) => alertname === name && has(exp_alerts)));
  const hasText = (alert: unknown): boolean =>
    typeof alert === 'object' && alert !== null && 'exp_annotations' in alert;
  expect(where((expected) => expected.length > 0 && expected.every(hasText))).toEqual(alertNames);
  expect(where((expected) => expected.length === 0)).toEqual(alertNames);
});

test('each metric that a rule asks is one that the agent shows', () => {
  const page = new Set([...read('test/fixtures/exposition.txt').matchAll(/^# HELP (\w+)/gm)].map(([, name]) => name));
  const inCode = new Set(
    OPTIONAL.flatMap((file) => [...read(file).matchAll(/'((?:coturn|turnkeeper)_\w+)'/g)].map(([, name]) => name)),
  );
  const asked = expressions.flatMap((expr) => expr.match(/(?<![\w:"])(?:coturn|turnkeeper)_\w+/g) ?? []);
  expect(asked.length).toBeGreaterThan(40);
  expect(asked.filter((name) => !page.has(name) && !inCode.has(name))).toEqual([]);
});

test('each label value that a rule asks is one that a metric can have', () => {
  const page = read('test/fixtures/exposition.txt');
  const asked = expressions.flatMap((expr) => [...expr.matchAll(/(code|reason|transport|source)=~?"([^"]+)"/g)]);
  expect(asked.length).toBeGreaterThan(4);
  const missing = asked
    .flatMap(([, label = '', values = '']) => values.split('|').map((value) => `${label}="${value}"`))
    .filter((pair) => !page.includes(pair));
  expect(missing).toEqual([]);
});

test('each alert leads to its section of the runbook, and each section to an alert', () => {
  const [base] = alerts.map(({ annotations }) => annotations.runbook_url.replace(/#.*/, ''));
  expect(alerts.map(({ annotations }) => annotations.runbook_url)).toEqual(
    alertNames.map((name) => `${base ?? ''}#${name.toLowerCase()}`),
  );
  const sections = [...read('docs/runbook.md').matchAll(/^### (\w+)$/gm)].map(([, name]) => name);
  expect(sections.toSorted()).toEqual(alertNames.toSorted());
});

test('the runbook says of each alert how urgent the rules hold it to be', () => {
  const said = [...read('docs/runbook.md').matchAll(/^### (\w+)\n\n(\w+)\. /gm)].map(([, name, urgency]) => [
    name,
    urgency,
  ]);
  expect(Object.fromEntries(said)).toEqual(
    Object.fromEntries(alerts.map(({ alert, labels }) => [alert, labels.severity])),
  );
});

test('the links of the runbook lead somewhere', () => {
  const anchors = new Set(
    [...read('docs/runbook.md').matchAll(/^#+ (.+)$/gm)].map(([, title]) => title?.toLowerCase().replaceAll(' ', '-')),
  );
  const links = [...read('docs/runbook.md').matchAll(/\]\(([^)]+)\)/g)].map(([, link]) => link ?? '');
  const [inside, outside] = [
    links.filter((link) => link.startsWith('#')),
    links.filter((link) => !link.startsWith('#')),
  ];
  expect(inside.filter((link) => !anchors.has(link.slice(1)))).toEqual([]);
  expect(outside.map((link) => read(join('docs', link.replace(/#.*/, ''))).length > 0)).not.toContain(false);
});
