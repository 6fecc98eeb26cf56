import { InvalidArgumentError, type Command } from 'commander';
import { z } from 'zod';
import { duration } from '../config/units';
import { systemClock } from '../lib/clock';
import { UserError } from '../lib/errors';
import { understand } from './client/api-client';
import { addClientOptions, connect, type ClientOptions } from './client/client-options';
import { withSink } from './output/sink';
import { EXIT, type Terminal } from './terminal';
import { jsonLine } from './text/lines';
import { printableLines } from './text/printable';
import { sentenceFor } from './turn-test/sentences';
import type { TestResult } from './turn-test/test-result';
import { tryUri } from './turn-test/try-uri';

interface CredentialsOptions extends ClientOptions {
  readonly user?: string;
  /** Seconds. */
  readonly ttl?: number;
  readonly label?: string;
  readonly test?: true;
  readonly insecure?: true;
  readonly json?: true;
}

const EXAMPLES = `
With --test the credential is used at once: for each URI an allocation is asked for over its transport, and given back.
The exit status is 1 where no URI works. Nothing shows the password but the JSON of the credential.

Examples:
  turnkeeper credentials --user alice --ttl 10m
  turnkeeper credentials --json | jq .iceServers
  turnkeeper credentials --test`;

const MAX_URIS = 100;
const issued = z.object({
  username: z.string(),
  password: z.string(),
  uris: z.array(z.string()).max(MAX_URIS),
});
type Issued = z.output<typeof issued>;

/** Adds `credentials`; `exit` learns the exit status. */
export function addCredentials(program: Command, terminal: Terminal, exit: (status: number) => void): void {
  const credentials = program
    .command('credentials')
    .description('a credential for the relay, as JSON, or tried at once');
  addClientOptions(credentials)
    .option('--user <user>', 'whose sessions these are (default: a name made for this credential)')
    .option('--ttl <duration>', "how long it can be used, such as 10m (default: the agent's credentials.ttl)", seconds)
    .option('--label <label>', 'rides in the user name, so that usage can be told apart by it')
    .option('--test', 'try it against each URI, and say what happened')
    .option('--insecure', "with --test: take any certificate of a turns: URI's server")
    .option('--json', 'as JSON in one line')
    .addHelpText('after', EXAMPLES)
    .action(async (_options: unknown, command: Command) => {
      const options = command.optsWithGlobals<CredentialsOptions>();
      if (options.insecure && !options.test) throw new UserError('bad_config', '--insecure is for --test: add that.');
      const answer = await ask(options, terminal);
      const credential = understand(answer, issued);
      if (!options.test) await show(answer, options, terminal);
      else if (!(await test(credential, options, terminal))) exit(EXIT.failure);
    });
}

async function ask(options: CredentialsOptions, terminal: Terminal): Promise<unknown> {
  const api = await connect(options, terminal);
  const { user, ttl, label } = options;
  return api.post('/v1/credentials', z.unknown(), { user, ttl, label });
}

async function show(answer: unknown, { json }: CredentialsOptions, terminal: Terminal): Promise<void> {
  const isRead = terminal.columns !== undefined && !json;
  const text = isRead ? printableLines(`${JSON.stringify(answer, null, 2)}\n`) : jsonLine(answer);
  await withSink(undefined, terminal, ({ write }) => write(text));
}

/** Whether any URI works. One after the other, so that who watches sees each, and a quota is spared. */
async function test(
  { username, password, uris }: Issued,
  { json, insecure = false }: Pick<CredentialsOptions, 'json'> & { readonly insecure?: boolean },
  terminal: Terminal,
): Promise<boolean> {
  if (uris.length === 0) throw new UserError('unavailable', 'The agent names no URI: set credentials.uris.');
  const results: TestResult[] = [];
  await withSink(undefined, terminal, async ({ write }) => {
    for (const uri of uris) {
      const options = { credential: { username, password }, verifies: !insecure, clock: systemClock };
      const result = await tryUri(uri, options);
      results.push(result);
      if (!json) await write(`${sentenceFor(result)}\n`);
    }
    if (json) await write(jsonLine({ username, works: works(results), results: results.map(withSentence) }));
  });
  return works(results);
}

function works(results: readonly TestResult[]): boolean {
  return results.some(({ outcome }) => outcome === 'granted');
}

function withSentence(result: TestResult): TestResult & { readonly message: string } {
  return { ...result, message: sentenceFor(result) };
}

function seconds(text: string): number {
  const parsed = duration.safeParse(text);
  if (parsed.success) return parsed.data;
  throw new InvalidArgumentError('Expected a duration such as 30s, 10m or 1h.');
}
