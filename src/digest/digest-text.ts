import type { AbnormalEnd } from '../turn/abnormal-end';
import type { Digest } from './digest';

const MEANINGS: Record<AbnormalEnd, string> = {
  lost: 'coturn died, or nobody told of their end',
  killed: 'ended by an operator, or by a stop of coturn',
  unanswered: 'sent to their peers and never heard back',
};
const MAX_NAME = 64;

export function subjectOf({ agent, total }: Digest): string {
  return `turnkeeper on ${printable(agent)}: ${sessions(total)} ended abnormally`;
}

/** The body of a mail: plain text, since names in it are what clients sent. */
export function textOf(digest: Digest): string {
  const { agent, from, to, total, byEnd } = digest;
  const reasons = Object.entries(byEnd).filter(([, count]) => count > 0) as [AbnormalEnd, number][];
  return [
    `Of the sessions whose records ${printable(agent)} got from ${from} to ${to}, ${sessions(total)} ended abnormally.`,
    '',
    ...reasons.map(([end, count]) => `${String(count).padStart(8)}  ${end.padEnd(10)}  ${MEANINGS[end]}`),
    ...listOf(digest),
    '',
    `All of them: turnkeeper usage --abnormal --from ${from}`,
    '',
  ].join('\n');
}

function listOf({ sessions: listed, total }: Digest): string[] {
  if (listed.length === 0) return [];
  const lines = listed.map(({ id, server, userId, end, endedAt, durationSeconds }) => {
    const lasted = `${durationSeconds.toFixed(1)} s`;
    return [endedAt, end.padEnd(10), printable(id), printable(server), printable(userId), lasted].join('  ');
  });
  const rest = total - listed.length;
  return ['', 'ended, how, id, server, user, lasted', ...lines, ...(rest > 0 ? [`... and ${rest} more`] : [])];
}

function sessions(count: number): string {
  return count === 1 ? '1 session' : `${count} sessions`;
}

/** On one line, with nothing invisible in it, and bounded. */
function printable(name: string): string {
  const text = name.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '?');
  return text.length > MAX_NAME ? `${text.slice(0, MAX_NAME - 1)}…` : text;
}
