import { agent } from './agent';
import { build } from './dashboard';
import { fleet } from './fleet';
import type { DashboardPlan } from './panel';
import { quality } from './quality';
import { relay } from './relay';

/** Every dashboard there is. */
export const PLANS: readonly DashboardPlan[] = [fleet, relay, quality, agent];

/** Where a dashboard stands below the project's folder. */
export function fileOf({ uid }: DashboardPlan): string {
  return `dashboards/${uid.replace('turnkeeper-', '')}.json`;
}

export function textOf(plan: DashboardPlan): string {
  return `${JSON.stringify(build(plan), null, 2)}\n`;
}
