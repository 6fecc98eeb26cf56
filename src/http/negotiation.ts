/**
 * Whether the `Accept` header of a scrape prefers OpenMetrics to the text format, by quality and then by order, as
 * Prometheus' own servers choose. A browser's or curl's header, or none, gets text.
 */
export function prefersOpenMetrics(accept: string | undefined): boolean {
  const known = parseAccept(accept ?? '').filter(({ quality, format }) => quality > 0 && format !== 'unknown');
  // Array.sort is stable: the first of equals stays first.
  return known.sort((a, b) => b.quality - a.quality)[0]?.format === 'openmetrics';
}

interface MediaRange {
  readonly format: 'openmetrics' | 'text' | 'unknown';
  readonly quality: number;
}

/** The OpenMetrics versions that the exposition satisfies; Prometheus offers both. */
const OPENMETRICS_VERSIONS = new Set([undefined, '0.0.1', '1.0.0']);

function parseAccept(accept: string): MediaRange[] {
  return accept.split(',').map((range) => {
    const [type = '', ...pairs] = range.split(';').map((part) => part.trim().toLowerCase());
    const parameters = new Map(pairs.map((pair) => [pair.split('=', 1)[0], pair.slice(pair.indexOf('=') + 1)]));
    return { format: formatOf(type, parameters.get('version')), quality: qualityOf(parameters.get('q')) };
  });
}

function formatOf(type: string, version: string | undefined): MediaRange['format'] {
  if (type === 'application/openmetrics-text' && OPENMETRICS_VERSIONS.has(version)) return 'openmetrics';
  return type === 'text/plain' || type === 'text/*' || type === '*/*' ? 'text' : 'unknown';
}

/** RFC 9110 section 12.4.2: 0 to 1; unset is 1. */
function qualityOf(text: string | undefined): number {
  if (text === undefined) return 1;
  return /^(0(\.\d{0,3})?|1(\.0{0,3})?)$/.test(text) ? Number(text) : 0;
}
