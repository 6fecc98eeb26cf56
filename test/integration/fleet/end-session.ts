import { once } from 'node:events';
import { connect } from 'node:net';
import { eventually } from '../../support/eventually';
import type { ZookeeperServer } from '../../support/zookeeper';
import { clientOf, type TestFleet } from './fleet-of-tests';

/** As time does: somebody who knows the session's password comes with it, and closes it. Waits for the session after it. */
export async function endSession(fleet: TestFleet, { port }: ZookeeperServer): Promise<void> {
  const { session } = fleet;
  const before = session.connection?.sessionId;
  const request = closing(fleet);
  // The server closes the connection of one of the two when the other one comes: it takes some tries.
  await eventually('there is another session', async () => {
    const socket = connect(port, '127.0.0.1').on('error', () => undefined);
    socket.resume();
    socket.write(request);
    await once(socket, 'close');
    return ![undefined, before].includes(session.connection?.sessionId);
  });
}

function closing(fleet: TestFleet): Buffer {
  const { client } = clientOf(fleet);
  const request = Buffer.alloc(48);
  request.writeInt32BE(44, 0); // ConnectRequest: protocol version, last zxid, timeout, session, password
  request.writeInt32BE(4000, 16);
  client.getSessionId().copy(request, 20);
  request.writeInt32BE(16, 28);
  client.getSessionPassword().copy(request, 32);
  const close = Buffer.from('0000000800000001fffffff5', 'hex'); // xid 1, type -11
  return Buffer.concat([request, close]);
}
