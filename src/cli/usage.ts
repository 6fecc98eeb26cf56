import { InvalidArgumentError, Option, type Command } from 'commander';
import { systemClock } from '../lib/clock';
import { UserError } from '../lib/errors';
import { upTo } from './arguments';
import type { ApiClient, Parameters } from './client/api-client';
import { addClientOptions, connect, type ClientOptions } from './client/client-options';
import { exportTo } from './output/export';
import { withSink } from './output/sink';
import { USUAL_COLUMNS, type Terminal } from './terminal';
import { asLines } from './text/lines';
import { recordsAsTable, sumsAsTable } from './usage-tables';
import { timeZoneName, usageTime } from './usage-times';
import { GROUP_KEYS, type GroupKey } from './usage-views';

interface UsageOptions extends ClientOptions {
  readonly from?: string;
  readonly to?: string;
  readonly user?: string;
  readonly realm?: string;
  readonly server?: string;
  readonly abnormal?: true;
  readonly groupBy?: readonly GroupKey[];
  readonly timeZone: string;
  readonly limit?: number;
  readonly json?: true;
  readonly csv?: true;
  readonly output?: string;
}

const SHOWN = 100;
/** A table is kept in memory to be laid out; exports are not. */
const MAX_TABLE = 5000;
const EXAMPLES = `
A time is 24h or 7d (so long ago), today, yesterday, a date (its midnight in --time-zone), or a date and time with its
zone. A record stands at the time when its session ended. UP is what the client sent to the relay, DOWN what it got.
Tables show rounded numbers, --json and --csv exact ones.

Examples:
  turnkeeper usage --from 24h --user alice
  turnkeeper usage --from 2026-11-01 --to 2026-12-01 --group-by user
  turnkeeper usage --from 7d --group-by day,realm --time-zone Europe/Berlin
  turnkeeper usage --from yesterday --to today --csv --output usage.csv
  turnkeeper usage --from 24h --abnormal
  turnkeeper usage --json | jq 'select(.settled != "exact")'`;

/** Adds `usage`. */
export function addUsage(program: Command, terminal: Terminal): void {
  const usage = program
    .command('usage')
    .description('the usage records of the sessions that have ended, or their sums');
  addClientOptions(usage)
    .option('--from <time>', 'only what ended at this time or later')
    .option('--to <time>', 'only what ended before this time')
    .option('--user <user>', 'only this user, with the label where it has one: alice#room-7')
    .option('--realm <realm>', 'only this realm')
    .option('--server <server>', 'only this server')
    .option('--abnormal', 'only what ended abnormally: lost, killed or unanswered; with the ids of the sessions')
    .option('--group-by <keys>', `sums by one or more of ${GROUP_KEYS.join(', ')}, with commas between`, groupKeys)
    .option('--time-zone <zone>', 'of days and of the times in tables', timeZoneName, 'UTC')
    .option('--limit <number>', `at most so many (default: ${SHOWN} in a table, all otherwise)`, upTo(10 ** 9))
    .option('--json', 'as NDJSON: one JSON object a line')
    .addOption(new Option('--csv', 'as CSV with a header').conflicts('json'))
    .option('--output <file>', 'write to this file, which appears when it is whole')
    .addHelpText('after', EXAMPLES)
    .action(async (_options: unknown, command: Command) => {
      const options = command.optsWithGlobals<UsageOptions>();
      checkLimit(options);
      const parameters = parametersOf(options);
      const client = await connect(options, terminal);
      if (options.json ?? options.csv) await exported(client, parameters, options, terminal);
      else await shown(client, parameters, options, terminal);
    });
}

async function exported(
  client: ApiClient,
  parameters: Parameters,
  { csv, limit, output }: UsageOptions,
  terminal: Terminal,
): Promise<void> {
  const format = csv ? 'csv' : 'ndjson';
  const chunks = await client.stream('/v1/usage', { ...parameters, format, limit: limit?.toString() });
  await exportTo(chunks, { format, file: output, terminal, clock: systemClock });
}

async function shown(
  client: ApiClient,
  parameters: Parameters,
  { groupBy, limit = SHOWN, timeZone, output }: UsageOptions,
  terminal: Terminal,
): Promise<void> {
  const width = (output === undefined ? terminal.columns : undefined) ?? USUAL_COLUMNS;
  const query = { client, parameters, limit, view: { width, timeZone, abnormal: parameters['abnormal'] === 'true' } };
  const lines = await (groupBy ? sumsAsTable(query, groupBy) : recordsAsTable(query));
  await withSink(output, terminal, ({ write }) => write(asLines(lines)));
}

function parametersOf({ from, to, user, realm, server, abnormal, groupBy, timeZone }: UsageOptions): Parameters {
  const now = systemClock.now();
  return {
    from: from === undefined ? undefined : usageTime('--from', from, now, timeZone),
    to: to === undefined ? undefined : usageTime('--to', to, now, timeZone),
    user,
    realm,
    server,
    abnormal: abnormal?.toString(),
    groupBy: groupBy?.join(','),
    timeZone,
  };
}

function checkLimit({ limit, groupBy, json, csv }: UsageOptions): void {
  if (limit === undefined) return;
  if (!json && !csv && limit > MAX_TABLE) {
    throw new UserError('bad_config', `A table shows at most ${MAX_TABLE} rows: use --json or --csv for more.`);
  }
  if ((json ?? csv) && groupBy) {
    throw new UserError('bad_config', 'Sums are exported whole: leave out --limit with --group-by.');
  }
}

function groupKeys(text: string): GroupKey[] {
  const given = text.split(',').map((key) => key.trim());
  const known = given.filter((key): key is GroupKey => GROUP_KEYS.some((one) => one === key));
  if (known.length === given.length && new Set(given).size === given.length) return known;
  throw new InvalidArgumentError(`Expected one or more of ${GROUP_KEYS.join(', ')}, each once.`);
}
