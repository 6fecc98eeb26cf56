/** The commands that coturn and a person with redis-cli send; upper or lower case. */
const COMMANDS = [
  'publish',
  'set',
  'del',
  'auth',
  'select',
  'ping',
  'keys',
  'get',
  'quit',
  'command',
  'client',
] as const;
export type Command = (typeof COMMANDS)[number];

const BYTES = COMMANDS.map((name) => ({ name, bytes: Buffer.from(name) }));
const LOWER_CASE = 0x20;

/** Which command stands at `start`, or undefined. Makes no string: this runs for each message of coturn. */
export function commandAt(buffer: Buffer, start: number, end: number): Command | undefined {
  for (const { name, bytes } of BYTES) if (isCommand(buffer, start, end, bytes)) return name;
  return undefined;
}

function isCommand(buffer: Buffer, start: number, end: number, bytes: Buffer): boolean {
  if (end - start !== bytes.length) return false;
  for (let i = 0; i < bytes.length; i++) if (((buffer[start + i] ?? 0) | LOWER_CASE) !== bytes[i]) return false;
  return true;
}
