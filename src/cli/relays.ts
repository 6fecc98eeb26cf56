import type { Command } from 'commander';
import { z } from 'zod';
import { understand } from './client/api-client';
import { addClientOptions, connect, type ClientOptions } from './client/client-options';
import { withSink } from './output/sink';
import { count, duration } from './text/human';
import { asLines, jsonLine } from './text/lines';
import { table, type Column } from './text/table';
import { USUAL_COLUMNS, type Terminal } from './terminal';

interface RelaysOptions extends ClientOptions {
  readonly json?: true;
}

const EXAMPLES = `
FREE is the capacity that the relay has left, in megabits per second; AGE, how long ago it said so.

Examples:
  turnkeeper relays
  turnkeeper relays --json | jq -r 'select(.ready and (.draining | not)) | .server'`;

const relay = z.object({
  server: z.string(),
  restAddr: z.string(),
  freeTraffic: z.number(),
  load: z.number().optional(),
  allocations: z.number().optional(),
  region: z.string().optional(),
  isps: z.array(z.string()),
  ready: z.boolean(),
  draining: z.boolean(),
  updatedAt: z.iso.datetime().transform((text) => new Date(text)),
});
type Relay = z.output<typeof relay>;

const answer = z.object({
  connected: z.boolean(),
  asOf: z.iso
    .datetime()
    .transform((text) => new Date(text))
    .optional(),
  ageSeconds: z.number().optional(),
  relays: z.array(z.unknown()),
});
type Answer = z.output<typeof answer>;

const SPARED = ['ADDRESS', 'ISPS', 'REGION', 'AGE', 'ALLOC', 'LOAD'];

/** Adds `relays`. */
export function addRelays(program: Command, terminal: Terminal): void {
  const relays = program.command('relays').description('the relays of the fleet: which of them has room');
  addClientOptions(relays)
    .option('--json', 'as NDJSON: one JSON object a line')
    .addHelpText('after', EXAMPLES)
    .action(async (options: RelaysOptions) => {
      const fleet = await (await connect(options, terminal)).get('/v1/relays', answer);
      await withSink(undefined, terminal, ({ write }) =>
        write(
          options.json
            ? fleet.relays.map(jsonLine).join('')
            : asLines(relaysTable(fleet, terminal.columns ?? USUAL_COLUMNS)),
        ),
      );
      if (!fleet.connected) terminal.stderr(`${awaySentence(fleet)}\n`);
    });
}

function relaysTable({ relays, asOf, ageSeconds = 0 }: Answer, width: number): string[] {
  const rows = relays.map((one) => understand(one, relay));
  if (rows.length === 0) return ['No relay is known.'];
  // By the agent's clock: this machine may have another time.
  const now = (asOf?.getTime() ?? 0) + ageSeconds * 1000;
  return table(rows, { columns: columnsAt(now), spared: SPARED, width });
}

function columnsAt(now: number): readonly Column<Relay>[] {
  return [
    { header: 'SERVER', value: ({ server }) => server, least: 8 },
    { header: 'STATE', value: stateOf },
    { header: 'FREE', value: ({ freeTraffic }) => freeTraffic.toFixed(1), align: 'right' },
    { header: 'LOAD', value: ({ load }) => (load === undefined ? '-' : `${Math.round(load * 100)}%`), align: 'right' },
    {
      header: 'ALLOC',
      value: ({ allocations }) => (allocations === undefined ? '-' : count(allocations)),
      align: 'right',
    },
    { header: 'REGION', value: ({ region }) => region ?? '-', least: 6 },
    { header: 'ISPS', value: ({ isps }) => isps.join(',') || '-', least: 6 },
    {
      header: 'AGE',
      value: ({ updatedAt }) => duration(Math.max(0, now - updatedAt.getTime()) / 1000),
      align: 'right',
    },
    { header: 'ADDRESS', value: ({ restAddr }) => restAddr, least: 12 },
  ];
}

function stateOf({ ready, draining }: Relay): string {
  if (draining) return 'draining';
  return ready ? 'ready' : 'not ready';
}

function awaySentence({ ageSeconds }: Answer): string {
  const when =
    ageSeconds === undefined ? 'the fleet is not known yet' : `this was the fleet ${duration(ageSeconds)} ago`;
  return `ZooKeeper is away: ${when}.`;
}
