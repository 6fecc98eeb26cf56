import { DigestBuilder, MAX_LISTED, type Digest } from '../../../src/digest/digest';
import { subjectOf, textOf } from '../../../src/digest/digest-text';
import type { UsageRecord } from '../../../src/turn/usage-record';
import { usageRecord } from '../../integration/usage/store-contract';

const PERIOD = { end: 86_400_000, from: 0, to: 86_400_500 };

function digestOf(records: readonly Partial<UsageRecord>[], agent = 'turn1'): Digest {
  const builder = new DigestBuilder();
  records.forEach((changes, index) => {
    builder.add({ ...usageRecord(`turn1-1-${index}`, changes), place: index + 1 });
  });
  return builder.digest(agent, PERIOD);
}

test('a digest lists what ended abnormally, by id, and how', () => {
  const digest = digestOf([
    { endReason: 'lost' },
    { endReason: 'client' },
    { endReason: 'forced', userId: 'bob' },
    { peerReceivedPackets: 0 },
  ]);
  expect(digest).toMatchObject({ id: 'turn1-1970-01-02T00:00:00.000Z', total: 3 });
  expect(digest.byEnd).toEqual({ lost: 1, killed: 1, unanswered: 1 });
  expect(subjectOf(digest)).toBe('turnkeeper on turn1: 3 sessions ended abnormally');
  expect(textOf(digest)).toBe(`\
Of the sessions whose records turn1 got from 1970-01-01T00:00:00.000Z to 1970-01-02T00:00:00.500Z, 3 sessions ended abnormally.

       1  lost        coturn died, or nobody told of their end
       1  killed      ended by an operator, or by a stop of coturn
       1  unanswered  sent to their peers and never heard back

ended, how, id, server, user, lasted
2026-03-28T01:00:00.000Z  lost        turn1-1-0  turn1  alice  10.5 s
2026-03-28T01:00:00.000Z  killed      turn1-1-2  turn1  bob  10.5 s
2026-03-28T01:00:00.000Z  unanswered  turn1-1-3  turn1  alice  10.5 s

All of them: turnkeeper usage --abnormal --from 1970-01-01T00:00:00.000Z
`);
});

test('a digest is bounded, and counts the rest', () => {
  const digest = digestOf(Array.from({ length: MAX_LISTED + 7 }, () => ({ endReason: 'lost' as const })));
  expect([digest.total, digest.sessions.length]).toEqual([MAX_LISTED + 7, MAX_LISTED]);
  expect(textOf(digest)).toContain('\n... and 7 more\n');
});

test('a name that a client sent is no second line, and not endless', () => {
  const userId = `eve\r\nBcc: all@example.org\u2028\u0007${'x'.repeat(400)}`;
  const lines = textOf(digestOf([{ endReason: 'lost', userId }])).split(/[\r\n\u2028]/);
  expect(lines.filter((line) => line.startsWith('Bcc'))).toEqual([]);
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(200);
  expect(subjectOf(digestOf([], 'turn1\r\nBcc: all@example.org'))).not.toMatch(/[\r\n]/);
});
