import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileOf, PLANS, textOf } from '../../../scripts/dashboards/all';
import { queriesOf } from '../../../scripts/dashboards/queries';

const ROOT = join(__dirname, '../../..');

interface Place {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

interface PanelJson {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly gridPos: Place;
  readonly datasource?: { uid: string };
  readonly fieldConfig?: { defaults: { unit?: string; thresholds?: { steps: { value: number | null }[] } } };
}

describe.each(PLANS.map((plan) => [plan.uid, plan] as const))('dashboard %s', (_, plan) => {
  const text = textOf(plan);
  const { panels } = JSON.parse(text) as { panels: readonly PanelJson[] };
  const drawn = panels.filter(({ type }) => type !== 'row');

  test('is committed as the generator makes it (npm run dashboards)', () => {
    expect(readFileSync(join(ROOT, fileOf(plan)), 'utf8')).toBe(text);
  });

  test('has no panel upon another, or beyond the grid', () => {
    const cells = panels.flatMap(({ gridPos }) => cellsOf(gridPos));
    expect(new Set(cells).size).toBe(cells.length);
    expect(panels.filter(({ gridPos: { x, w } }) => x + w > 24)).toEqual([]);
  });

  test('leaves no hole at the end of a line', () => {
    const widths = new Map<number, number>();
    for (const { gridPos } of panels) widths.set(gridPos.y, (widths.get(gridPos.y) ?? 0) + gridPos.w);
    expect([...widths].filter(([, width]) => width !== 24)).toEqual([]);
  });

  test('says of every panel what it shows, in which unit, and from where', () => {
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    for (const { description, fieldConfig, datasource } of drawn) {
      expect(description).toMatch(/^\S.{20,}\.$/);
      expect(fieldConfig?.defaults.unit).toMatch(/./);
      expect(datasource?.uid).toBe('${datasource}');
    }
  });

  test('has thresholds that rise', () => {
    for (const { title, fieldConfig } of drawn) {
      const [first, ...others] = (fieldConfig?.defaults.thresholds?.steps ?? []).map(({ value }) => value);
      expect([title, first ?? null]).toEqual([title, null]);
      expect(others).toEqual([...others].sort((a, b) => Number(a) - Number(b)));
    }
  });

  test('asks for the relays that were chosen, and for no fixed range of a rate', () => {
    for (const { panel, expr } of queriesOf(text)) {
      const selectors = expr.match(/\{[^}]*=[^}]*\}/g) ?? [];
      if (!panel.startsWith('variable')) {
        expect(selectors.filter((selector) => !selector.includes('job=~"$job",instance=~"$instance"'))).toEqual([]);
      }
      expect(expr).not.toMatch(/(?<![a-z_])rate\([^[]*\[(?!\$__rate_interval\])/);
      if (expr.includes('histogram_quantile')) expect(expr).toMatch(/sum by \(le/);
    }
  });

  test('leads to the other dashboards, the alerts and the runbook', () => {
    const { links } = JSON.parse(text) as { links: { title: string }[] };
    expect(links.map(({ title }) => title)).toEqual(['turnkeeper', 'Alerts', 'Runbook']);
  });
});

test('the runbook is where the alerts have it', () => {
  const [, place] = /runbook_url: (\S+)#/.exec(readFileSync(join(ROOT, 'alerts/turnkeeper.rules.yml'), 'utf8')) ?? [];
  expect(PLANS.map((plan) => textOf(plan)).every((text) => text.includes(`"url": "${place ?? 'none'}"`))).toBe(true);
});

test('a click on a relay leads to a dashboard that there is', () => {
  const links = PLANS.flatMap((plan) => [...textOf(plan).matchAll(/"url": "\/d\/([\w-]+)/g)].map(([, uid]) => uid));
  expect(links.length).toBeGreaterThan(0);
  expect(links.filter((uid) => !PLANS.some((plan) => plan.uid === uid))).toEqual([]);
});

function cellsOf({ x, y, w, h }: Place): string[] {
  return Array.from({ length: w * h }, (_, i) => `${x + (i % w)},${y + Math.floor(i / w)}`);
}
