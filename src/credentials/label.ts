/** Stands between the user and the label: `alice#room-7` is alice's, for the label room-7. */
export const LABEL_SEPARATOR = '#';

/** Why a label can't ride in a user name, as the end of a sentence; undefined when it can. */
export function labelMistake(label: string): string | undefined {
  if (/^[\w.-]{1,64}$/.test(label)) return undefined;
  return 'must have 1 to 64 letters, digits, dots, dashes and underscores';
}

/** The user part of a user name. */
export function userPart(user: string, label: string | undefined): string {
  return label === undefined ? user : `${user}${LABEL_SEPARATOR}${label}`;
}

/** Who a user part means, whatever its label. */
export function ownerOf(userPart: string): string {
  const at = userPart.indexOf(LABEL_SEPARATOR);
  return at === -1 ? userPart : userPart.slice(0, at);
}
