/** 8 series a realm make up nearly all of it, of about 80 bytes each: enough for thousands of realms. */
const MAX_BYTES = 4 * 1024 * 1024;

/**
 * The text of a Prometheus page, hostile or not. Throws when it can't be had, is another page's address, or is longer
 * than 4 MiB, and the signal's reason when that aborts: its deadline.
 */
export async function readPrometheusPage(url: string, signal: AbortSignal): Promise<string> {
  const response = await fetch(url, { signal, redirect: 'error', headers: { accept: 'text/plain' } });
  if (!response.ok) {
    await response.body?.cancel();
    throw new Error(`coturn's Prometheus page answers with HTTP status ${response.status}`);
  }
  return response.body === null ? '' : readBounded(response.body);
}

/** Leaving the loop early ends the transfer. */
async function readBounded(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > MAX_BYTES) throw new Error("coturn's Prometheus page is too long: turn prometheus-username-labels off");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
