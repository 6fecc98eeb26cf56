/** A subscriber of `turn/*` that reads as fast as it can and looks at nothing. Argument: the port of Redis. */
import { connect } from 'node:net';
import { PASSWORD } from '../support/password';

const buffer = Buffer.alloc(1 << 20);
const socket = connect({
  port: Number(process.argv[2]),
  host: '127.0.0.1',
  onread: { buffer, callback: () => true },
});
socket.write(`AUTH ${PASSWORD}\r\nPSUBSCRIBE turn/*\r\n`);
process.on('disconnect', () => process.exit());
