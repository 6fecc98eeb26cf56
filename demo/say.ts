const BOLD = '\u001b[1m';
const PLAIN = '\u001b[0m';

export function say(text = ''): void {
  process.stdout.write(`${text}\n`);
}

export function heading(text: string): void {
  say(`\n${process.stdout.isTTY ? `${BOLD}${text}${PLAIN}` : text}`);
}
