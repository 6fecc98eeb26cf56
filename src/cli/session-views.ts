import { bytes, count, duration, time } from './text/human';
import { printable } from './text/printable';
import { table, type Column } from './text/table';
import type { Ending, LiveAllocation, LiveSession } from './wire';

const SESSION_COLUMNS: readonly Column<LiveSession>[] = [
  { header: 'ID', value: ({ id }) => id },
  { header: 'USER', value: ({ userId }) => userId, least: 16 },
  { header: 'REALM', value: ({ realm }) => realm, least: 12 },
  { header: 'AGE', value: ({ durationSeconds }) => duration(durationSeconds), align: 'right' },
  { header: 'ALLOC', value: ({ allocations }) => count(allocations.length), align: 'right' },
  { header: 'UP', value: ({ clientReceivedBytes }) => bytes(clientReceivedBytes), align: 'right' },
  { header: 'DOWN', value: ({ clientSentBytes }) => bytes(clientSentBytes), align: 'right' },
  { header: 'TRANSPORT', value: ({ transports }) => transports.join(',') },
];
const SPARED_OF_SESSIONS = ['TRANSPORT', 'REALM', 'ALLOC', 'AGE', 'UP', 'DOWN', 'USER'];

const ALLOCATION_COLUMNS: readonly Column<LiveAllocation>[] = [
  { header: 'ALLOCATION', value: ({ id }) => id },
  { header: 'TRANSPORT', value: ({ transport }) => transport },
  { header: 'CLIENT', value: ({ client }) => client, least: 12 },
  { header: 'EXPIRES', value: ({ expiresInSeconds }) => duration(expiresInSeconds), align: 'right' },
  { header: 'UP', value: ({ clientReceivedBytes }) => bytes(clientReceivedBytes), align: 'right' },
  { header: 'DOWN', value: ({ clientSentBytes }) => bytes(clientSentBytes), align: 'right' },
  { header: 'TO PEERS', value: ({ peerSentBytes }) => bytes(peerSentBytes), align: 'right' },
  { header: 'FROM PEERS', value: ({ peerReceivedBytes }) => bytes(peerReceivedBytes), align: 'right' },
];
const SPARED_OF_ALLOCATIONS = ['FROM PEERS', 'TO PEERS', 'EXPIRES', 'TRANSPORT', 'CLIENT', 'DOWN', 'UP'];

/** The sessions under way as lines; `more` says that there are others. */
export function sessionsTable(sessions: readonly LiveSession[], more: boolean, width: number): string[] {
  if (sessions.length === 0) return ['No session is under way.'];
  const lines = table(sessions, { columns: SESSION_COLUMNS, spared: SPARED_OF_SESSIONS, width });
  return more ? [...lines, '', 'There are more: ask with --limit, --user or --realm, or for all with --json.'] : lines;
}

/** Everything about one session as lines. */
export function sessionDetail(session: LiveSession, width: number): string[] {
  const facts = [
    ['session', session.id],
    ['user', session.userId === session.username ? session.userId : `${session.userId} (${session.username})`],
    ['realm', session.realm],
    ['server', session.server],
    ['started', `${time(session.startedAt, 'UTC')} UTC, ${duration(session.durationSeconds)} ago`],
    ['transports', session.transports.join(', ')],
    ['from client', traffic(session.clientReceivedBytes, session.clientReceivedPackets)],
    ['to client', traffic(session.clientSentBytes, session.clientSentPackets)],
    ['from peers', traffic(session.peerReceivedBytes, session.peerReceivedPackets)],
    ['to peers', traffic(session.peerSentBytes, session.peerSentPackets)],
  ] as const;
  const { allocations } = session;
  const columns = ALLOCATION_COLUMNS;
  return [
    ...facts.map(([name, value]) => `${name.padEnd(13)}${printable(value)}`),
    '',
    ...(allocations.length === 0
      ? ['No allocation is open.']
      : table(allocations, { columns, spared: SPARED_OF_ALLOCATIONS, width })),
  ];
}

/** What became of a session that was to be ended, as a sentence. */
export function endingSentence({ id, allocations, open }: Ending): string {
  const session = `Session ${printable(id)}`;
  if (allocations === 0) return `${session} had no open allocation: it closes by itself.`;
  const many = allocations === 1 ? 'its allocation is closed' : `its ${allocations} allocations are closed`;
  if (open.length === 0) return `${session} is ended: ${many}.`;
  const list = printable(open.join(', '));
  return `${session} goes on: of ${allocations} allocations ${open.length} could not be closed (${list}). Try again.`;
}

function traffic(size: number, packets: number): string {
  return `${bytes(size)} (${count(size)} bytes in ${count(packets)} packets)`;
}
