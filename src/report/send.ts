/** What became of a batch. */
export type Sent =
  | { readonly kind: 'taken' }
  /** Surely not taken, and to be sent again. */
  | { readonly kind: 'later'; readonly afterMs: number; readonly why: string }
  /** Refused, or nobody knows: sent again it might count twice. */
  | { readonly kind: 'lost'; readonly why: string };

export interface Target {
  readonly url: string;
  readonly key: string | undefined;
}

/** The connection was never made (Node.js 20, undici 6). */
const NOT_SENT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);
const MAX_WAIT_MS = 60_000;

/** Sends reports, JSON texts, to an agent. Never rejects. */
export async function send({ url, key }: Target, reports: readonly string[], signal: AbortSignal): Promise<Sent> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', ...(key !== undefined && { Authorization: `Bearer ${key}` }) },
      body: `[${reports.join(',')}]`,
      // The key is for this address alone.
      redirect: 'error',
      signal,
    });
    // Read to its end, so that the connection can serve again.
    await response.arrayBuffer();
    return meaningOf(response);
  } catch (error) {
    const code = codeOf(error);
    const why = `turnkeeper could not be reached (${code})`;
    return NOT_SENT.has(code) ? { kind: 'later', afterMs: 0, why } : { kind: 'lost', why };
  }
}

function meaningOf({ ok, status, headers }: Response): Sent {
  if (ok) return { kind: 'taken' };
  const why = `turnkeeper refused reports (HTTP ${status})`;
  if (status !== 429 && status !== 503) return { kind: 'lost', why };
  const seconds = Number(headers.get('retry-after') ?? 0);
  return { kind: 'later', afterMs: Math.min(MAX_WAIT_MS, Math.max(0, seconds * 1000 || 0)), why };
}

/** fetch throws a TypeError whose cause has the code, or what its signal aborted with. */
function codeOf(error: unknown): string {
  if (!(typeof error === 'object' && error !== null)) return 'unknown';
  const { cause, name } = error as { cause?: { code?: unknown }; name?: unknown };
  if (typeof cause?.code === 'string') return cause.code;
  return typeof name === 'string' ? name : 'unknown';
}
