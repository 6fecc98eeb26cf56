/** What STUN's error codes usually mean for who tries a credential (RFC 8489 section 14.8, RFC 8656 section 19). */
const MEANINGS: Readonly<Record<number, string>> = {
  300: 'it sends its clients to another server',
  400: 'it does not accept the request or the user name as well-formed',
  401: 'it has another secret or does not know the user, or the credential has expired (do the clocks agree?)',
  403: 'it is draining, or its rules forbid this client',
  437: "it holds another allocation of this client's address already: try again",
  438: 'it calls even its newest nonce stale: do several servers share this address?',
  440: 'it does not relay for this address family',
  441: 'the allocation is of another user',
  442: 'it does not relay UDP',
  486: 'the user has as many allocations open as the quota allows',
  500: 'it has a problem of its own: see its log',
  508: 'it has no relay port left, or no more room (minPort, maxPort, total quota)',
};

/** The end of a sentence. */
export function errorMeaning(code: number): string {
  return MEANINGS[code] ?? "see the relay's log";
}
