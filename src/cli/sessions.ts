import type { Command } from 'commander';
import { z } from 'zod';
import { upTo } from './arguments';
import { understand, type ApiClient } from './client/api-client';
import { addClientOptions, connect, type ClientOptions } from './client/client-options';
import { withSink } from './output/sink';
import { asLines, jsonLine } from './text/lines';
import { endingSentence, sessionDetail, sessionsTable } from './session-views';
import { EXIT, USUAL_COLUMNS, type Terminal } from './terminal';
import { ending, liveSession } from './wire';

interface SessionsOptions extends ClientOptions {
  readonly user?: string;
  readonly realm?: string;
  readonly limit?: number;
  readonly json?: true;
}

/** As the API has it. */
const PAGE = 1000;
const MAX_LIMIT = 10_000;
const SHOWN = 100;
const EXAMPLES = `
UP is what the client sent to the relay, DOWN what it got from it, as far as coturn has reported it.

Examples:
  turnkeeper sessions --user alice
  turnkeeper sessions --json | jq -r .userId | sort | uniq -c
  turnkeeper sessions <id>
  turnkeeper sessions end <id>`;

const page = z.object({ sessions: z.array(z.unknown()), next: z.string().optional() });

/** Adds `sessions`, `sessions <id>` and `sessions end <id>`; `exit` learns the exit status. */
export function addSessions(program: Command, terminal: Terminal, exit: (status: number) => void): void {
  const sessions = program.command('sessions').description('the sessions under way on the relay, or one of them');
  addClientOptions(sessions)
    .argument('[id]', 'a session to show in detail')
    .option('--user <user>', 'only those of this user, with the label where it has one')
    .option('--realm <realm>', 'only those in this realm')
    .option('--limit <number>', `at most so many (default: ${SHOWN} in a table, all with --json)`, upTo(MAX_LIMIT))
    .option('--json', 'as NDJSON: one JSON object a line')
    .addHelpText('after', EXAMPLES)
    .action(async (id: string | undefined, _options: unknown, command: Command) => {
      const options = command.optsWithGlobals<SessionsOptions>();
      const client = await connect(options, terminal);
      await withSink(undefined, terminal, async ({ write }) => {
        const text = id === undefined ? list(client, options, terminal) : detail(client, id, options, terminal);
        for await (const chunk of text) await write(chunk);
      });
    });
  const end = sessions
    .command('end')
    .description('end a session: coturn closes its allocations and tells their totals');
  addClientOptions(end)
    .argument('<id>', 'the session')
    .option('--json', 'as JSON')
    .action(async (id: string, _options: unknown, command: Command) => {
      const options = command.optsWithGlobals<SessionsOptions>();
      const result = await (await connect(options, terminal)).delete(pathOf(id), ending);
      await withSink(undefined, terminal, ({ write }) =>
        write(options.json ? jsonLine(result) : `${endingSentence(result)}\n`),
      );
      if (result.open.length > 0) exit(EXIT.failure);
    });
}

async function* list(client: ApiClient, options: SessionsOptions, terminal: Terminal): AsyncGenerator<string> {
  if (options.json) {
    for await (const { sessions } of pages(client, options, options.limit ?? Infinity)) {
      yield sessions.map(jsonLine).join('');
    }
    return;
  }
  const shown = [];
  let more = false;
  for await (const { sessions, next } of pages(client, options, options.limit ?? SHOWN)) {
    shown.push(...sessions.map((session) => understand(session, liveSession)));
    more = next !== undefined;
  }
  yield asLines(sessionsTable(shown, more, terminal.columns ?? USUAL_COLUMNS));
}

async function* detail(
  client: ApiClient,
  id: string,
  { json: asJson }: SessionsOptions,
  { columns }: Terminal,
): AsyncGenerator<string> {
  const session = await client.get(pathOf(id), z.unknown());
  yield asJson ? jsonLine(session) : asLines(sessionDetail(understand(session, liveSession), columns ?? USUAL_COLUMNS));
}

/** The API's pages, up to `limit` sessions in all. */
async function* pages(
  client: ApiClient,
  { user, realm }: SessionsOptions,
  limit: number,
): AsyncGenerator<z.output<typeof page>> {
  let after: string | undefined;
  for (let left = limit; left > 0;) {
    const parameters = { user, realm, after, limit: String(Math.min(PAGE, left)) };
    const answer = await client.get('/v1/sessions', page, parameters);
    yield answer;
    left -= answer.sessions.length;
    after = answer.next;
    if (after === undefined || answer.sessions.length === 0) return;
  }
}

function pathOf(id: string): string {
  return `/v1/sessions/${encodeURIComponent(id)}`;
}
