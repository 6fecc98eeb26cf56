import { relayedOf } from '../../../src/reports/relayed-of';
import { PEER_LEG } from '../../../src/turn/counts';
import { Relay } from '../../../src/turn/relay';

const LIFE = { lingerMs: 10_000, separator: ':', maxAllocations: 100, realms: ['example.org'] };

/** A relay that has open sessions of these users; of `relaying` it was told peer traffic. */
function relayWith(usernames: readonly string[], relaying: string): Relay {
  const relay = new Relay(LIFE);
  const origin = relay.origins.add('turn1', 'key', 0);
  usernames.forEach((username, low) => {
    const id = { origin, high: 0, low, principal: () => ({ realm: 'example.org', username }) };
    const endpoint = { transport: 'udp', remote: `192.0.2.1:${1000 + low}` } as const;
    relay.apply({ kind: 'new', ...id, lifetimeSeconds: 600, endpoint }, 0);
    if (username !== relaying) return;
    const counts = { receivedPackets: 1, receivedBytes: 1, sentPackets: 1, sentBytes: 1 };
    relay.apply({ kind: 'traffic', leg: PEER_LEG, ...id, ...counts }, 0);
  });
  return relay;
}

test('finds the live sessions of a user name, of the user alone, and of nobody else', () => {
  const { view } = relayWith(['1795238008:alice', '1795238008:bob'], '1795238008:alice');
  const relayed = relayedOf(view);
  expect(['1795238008:alice', 'alice', '1895238008:alice', 'bob', 'carol', '', '__proto__'].map(relayed)).toEqual([
    true,
    true,
    true,
    false,
    undefined,
    undefined,
    undefined,
  ]);
});

test('knows none of a session that is over', () => {
  const relay = relayWith(['alice'], 'alice');
  relay.giveUp(relay.view.allocations(), 1);
  relay.advance(60_000);
  expect(relayedOf(relay.view)('alice')).toBeUndefined();
});
