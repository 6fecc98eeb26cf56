import { codesOf, NotSent, type Channel } from './channel';

/** Posts the digest as JSON. Any answer of 200 to 299 counts as taken. */
export function webhookChannel(url: string): Channel {
  return {
    name: 'webhook',
    async send(digest, signal) {
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(digest),
        // What the digest holds is for this address alone.
        redirect: 'error',
        signal,
      }).catch((error: unknown) => {
        throw new NotSent(`the webhook could not be reached (${codesOf(error)})`);
      });
      await response.body?.cancel();
      if (!response.ok) throw new NotSent(`the webhook answered HTTP ${response.status}`);
    },
  };
}
