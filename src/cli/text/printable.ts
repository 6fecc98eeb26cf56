/** Control and format characters, line separators and halves of surrogate pairs. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;
const UNPRINTABLE_IN_LINE = /(?!\n)[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/**
 * The text with everything that could drive a terminal, forge a line or turn the direction of writing as `\u001b`. User
 * names are chosen by whoever connects to the relay.
 */
export function printable(text: string): string {
  return text.replaceAll(UNPRINTABLE, escaped);
}

/** The same for text of more than one line. A line of JSON means the same afterwards. */
export function printableLines(text: string): string {
  return text.replaceAll(UNPRINTABLE_IN_LINE, escaped);
}

function escaped(character: string): string {
  return Array.from({ length: character.length }, (_, i) => unit(character.charCodeAt(i))).join('');
}

function unit(code: number): string {
  return `\\u${code.toString(16).padStart(4, '0')}`;
}
