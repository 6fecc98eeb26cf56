/**
 * The user behind a user name: in REST mode `<unix expiry><separator><id>` (draft-uberti-behave-turn-rest-00), the id;
 * else the whole name. An id may hold the separator itself.
 */
export function userIdOf(username: string, separator: string): string {
  const at = username.indexOf(separator);
  if (at <= 0) return username;
  for (let i = 0; i < at; i++) {
    const digit = username.charCodeAt(i);
    if (digit < 0x30 || digit > 0x39) return username;
  }
  return username.slice(at + separator.length);
}
