export interface UserPassword {
  readonly user: string;
  readonly password: string;
}

/** The user and password of an `Authorization: Basic` header (RFC 7617 section 2), or undefined for anything else. */
export function parseBasicAuthorization(header: string | undefined): UserPassword | undefined {
  const encoded = /^basic +([a-z0-9+/]+={0,2}) *$/i.exec(header ?? '')?.[1];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon < 0 ? undefined : { user: text.slice(0, colon), password: text.slice(colon + 1) };
}
