import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import { annotations } from './annotations';
import { draw } from './draw';
import { below, placed } from './layout';
import { ALERTS_LINK, RUNBOOK_LINK, TAG } from './links';
import type { DashboardPlan, Row } from './panel';
import { DATASOURCE, variables } from './variables';

/**
 * Grafana's classic JSON, which its import and its provisioning from files read. The library's own type and builder of it
 * are deprecated for those of an API that only new Grafanas have; panels, variables and links are the same in it.
 */
interface ClassicDashboard {
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly tags: readonly string[];
  readonly schemaVersion: number;
  readonly editable: boolean;
  readonly timezone: string;
  readonly refresh: string;
  readonly time: { readonly from: string; readonly to: string };
  readonly graphTooltip: dashboard.DashboardCursorSync;
  readonly templating: { readonly list: readonly dashboard.VariableModel[] };
  readonly annotations: { readonly list: readonly Omit<dashboard.AnnotationQuery, 'placement'>[] };
  readonly links: readonly Omit<dashboard.DashboardLink, 'placement'>[];
  readonly panels: readonly (dashboard.Panel | dashboard.RowPanel)[];
}

/** A plan as Grafana's JSON. The same plan gives the same text. */
export function build(plan: DashboardPlan): ClassicDashboard {
  const { uid, title, description, rows } = plan;
  return {
    uid,
    title,
    description,
    tags: [TAG],
    // Of the library's panels.
    schemaVersion: 42,
    editable: true,
    timezone: 'browser',
    refresh: '30s',
    time: { from: 'now-3h', to: 'now' },
    graphTooltip: dashboard.DashboardCursorSync.Crosshair,
    templating: { list: variables(plan) },
    annotations: { list: annotations().map(inSight) },
    links: links(),
    panels: numbered(rows),
  };
}

function links(): Omit<dashboard.DashboardLink, 'placement'>[] {
  const { Dashboards, Link } = dashboard.DashboardLinkType;
  const link = (title: string): dashboard.DashboardLinkBuilder => new dashboard.DashboardLinkBuilder(title);
  return [
    link('turnkeeper').type(Dashboards).tags([TAG]).includeVars(true).keepTime(true),
    link('Alerts').type(Link).icon('bell').url(ALERTS_LINK),
    link('Runbook').type(Link).icon('doc').url(RUNBOOK_LINK).targetBlank(true),
  ].map((builder) => inSight(builder.build()));
}

/** Rows and their panels, one below the other, each with an id. */
function numbered(rows: readonly Row[]): (dashboard.Panel | dashboard.RowPanel)[] {
  let top = 0;
  const panels = rows.flatMap((row) => {
    const positions = placed(row.panels, top + 1);
    const heading = new dashboard.RowBuilder(row.title).gridPos({ x: 0, y: top, w: 24, h: 1 }).build();
    top = below(positions);
    return [
      heading,
      ...row.panels.map((panel, i) => ({ ...draw(panel), datasource: DATASOURCE, gridPos: positions[i] })),
    ];
  });
  return panels.map((panel, index) => ({ ...panel, id: index + 1 }) as dashboard.Panel | dashboard.RowPanel);
}

/** The library puts links and annotations into a menu unless their place is left open. */
function inSight<T extends { placement?: unknown }>({ placement: _, ...rest }: T): Omit<T, 'placement'> {
  return rest;
}
