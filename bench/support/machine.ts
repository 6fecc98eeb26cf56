import { spawnSync } from 'node:child_process';
import { cpus, loadavg } from 'node:os';

/** Where it was measured, and with what. */
export function describeMachine(): string {
  const processors = cpus();
  return [
    `${processors.length} x ${processors[0]?.model ?? 'unknown processor'}`,
    `Node.js ${process.versions.node}`,
    `redis-server ${versionOf('redis-server')}`,
    `coturn ${versionOf('turnserver')}`,
    describeLoad(),
  ].join(', ');
}

/** Of the last minute: above 0 before the first benchmark, others use the machine as well. */
export function describeLoad(): string {
  return `load ${(loadavg()[0] ?? NaN).toFixed(2)}`;
}

function versionOf(program: string): string {
  const { stdout } = spawnSync(program, ['--version'], { encoding: 'utf8' });
  return /\d+\.\d+(\.\d+)?/.exec(stdout)?.[0] ?? 'unknown';
}
