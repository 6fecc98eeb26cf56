import type { CoturnSettings } from './settings';

/** Where coturn is told to listen with its own Prometheus page; the path is its default. */
export const PAGE_HOST = '127.0.0.1';
const PAGE_PATH = '/metrics';

/**
 * The port of coturn's own Prometheus page; undefined for a coturn that has none, such as Debian's. One from before
 * 4.7 has no `prometheus-address`: its page would listen on every address, so it stays off.
 */
export function prometheusPort(
  { metricsPort }: Pick<CoturnSettings, 'metricsPort'>,
  knows: (option: string) => boolean,
): number | undefined {
  return ['prometheus', 'prometheus-address', 'prometheus-port'].every(knows) ? metricsPort : undefined;
}

export function prometheusUrl(port: number): string {
  return `http://${PAGE_HOST}:${port}${PAGE_PATH}`;
}
