import { z } from 'zod';

const EXPECTED_URL = 'expected a URL such as http://127.0.0.1:9641/metrics, without a user name';

/** `sources.metrics`: the Prometheus page of a coturn that somebody else runs. It asks for no password. */
export const metricsPage = z
  .strictObject({
    /** Unset: none is read. */
    url: z.string().refine(isPageUrl, EXPECTED_URL).optional(),
  })
  .prefault({});

export const PAGE_OF_ANOTHER =
  'metrics.url is for a coturn that somebody else runs (coturn.supervise: false): the agent finds the page of its own';

function isPageUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, username, password } = new URL(text);
  return /^https?:$/.test(protocol) && hostname !== '' && username === '' && password === '';
}
