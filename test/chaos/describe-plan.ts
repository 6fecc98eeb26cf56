import { describeFault, inSeconds } from './fault';
import type { ClientPlan, Plan } from './plan';

/** The plan for people to read. */
export function describePlan(plan: Plan): string {
  const clients = plan.clients.map((client) => line(client.startMs, describeClient(client)));
  return `${describeFaults(plan)}\nclients\n${clients.join('')}`;
}

export function describeFaults({ faults }: Plan): string {
  return `faults\n${faults.map((fault) => line(fault.atMs, describeFault(fault))).join('')}`;
}

export function line(atMs: number, text: string): string {
  return `${inSeconds(atMs).padStart(9)}  ${text}\n`;
}

function describeClient(client: ClientPlan): string {
  const { name, transport, allocations, relaying, framing, packetsPerSecond, payloadBytes, lifeMs, farewell } = client;
  const what = relaying === 0 ? 'relays nothing' : `${packetsPerSecond}/s of ${payloadBytes} bytes in ${framing}s`;
  const how = { refresh: 'gives back', close: 'closes', expire: 'lets expire' }[farewell];
  return `${name} ${transport}, ${relaying} of ${allocations} relay, ${what}, ${inSeconds(lifeMs)}, ${how}`;
}
