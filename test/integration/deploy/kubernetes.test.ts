import { execFile } from 'node:child_process';
import { readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parse } from 'yaml';
import { loadConfig } from '../../../src/config/load';
import { temporaryDirectory } from '../../support/coturn';

const ROOT = join(__dirname, '../../..');

function manifest(file: string): unknown {
  return parse(readFileSync(join(ROOT, 'deploy/kubernetes', file), 'utf8'));
}

/** The compiler's complaints about a literal of that type of kubernetes-types, which is made from Kubernetes' own API. */
async function complaints(value: unknown): Promise<string> {
  const folder = temporaryDirectory();
  try {
    symlinkSync(join(ROOT, 'node_modules'), join(folder.path, 'node_modules'));
    const file = join(folder.path, 'manifest.ts');
    const text = `import type { DaemonSet } from 'kubernetes-types/apps/v1';\nexport const manifest: DaemonSet = ${JSON.stringify(value)};\n`;
    writeFileSync(file, text);
    const options = ['--ignoreConfig', '--noEmit', '--strict', '--module', 'node20', '--types', 'node', file];
    const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
    return await promisify(execFile)(process.execPath, [tsc, ...options], { cwd: folder.path }).then(
      () => '',
      (error: unknown) => (error as { stdout: string }).stdout,
    );
  } finally {
    folder.remove();
  }
}

test('the DaemonSet is one, key by key', async () => {
  expect(await complaints(manifest('turnkeeper.yaml'))).toBe('');
});

test('a misspelt key would be found', async () => {
  const text = JSON.stringify(manifest('turnkeeper.yaml')).replace('preStop', 'prestop');
  expect(await complaints(JSON.parse(text))).toContain('prestop');
});

test('the environment that the pods get asks for nothing more in turnkeeper.yml: no registry, for one', async () => {
  const { spec } = manifest('turnkeeper.yaml') as {
    spec: { template: { spec: { containers: { env?: { name: string; value?: string }[] }[] } } };
  };
  const [pod] = spec.template.spec.containers;
  const environment = Object.fromEntries((pod?.env ?? []).map(({ name, value = 'node1' }) => [name, value]));
  const inputs = { flags: {}, file: undefined, environment, reservedExtraKeys: () => [] };
  expect(await loadConfig(inputs)).toMatchObject({ kind: 'valid' });
});

test('the PodMonitor looks for the pods and the port that the DaemonSet has, under the job of the alerts', () => {
  const { spec } = manifest('turnkeeper.yaml') as {
    spec: {
      template: { metadata: { labels: Record<string, string> }; spec: { containers: { ports: { name: string }[] }[] } };
    };
  };
  const monitor = manifest('pod-monitor.yaml') as {
    spec: { jobLabel: string; selector: { matchLabels: object }; podMetricsEndpoints: { port: string }[] };
  };
  const rules = readFileSync(join(ROOT, 'alerts/turnkeeper.rules.yml'), 'utf8');
  const jobs = [...rules.matchAll(/up\{job="(\w+)"/g)].map(([, job]) => job);
  expect(new Set(jobs)).toEqual(new Set([spec.template.metadata.labels[monitor.spec.jobLabel]]));
  expect(spec.template.metadata.labels).toMatchObject(monitor.spec.selector.matchLabels);
  const ports = spec.template.spec.containers[0]?.ports.map(({ name }) => name);
  expect(ports).toContain(monitor.spec.podMetricsEndpoints[0]?.port);
});
