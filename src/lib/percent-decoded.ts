/** undefined where a `%` begins no character (RFC 3986 section 2.1; UTF-8). */
export function percentDecoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
