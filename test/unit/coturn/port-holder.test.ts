import { socketInodes } from '../../../src/coturn/port-holder';

const TABLE = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:0D96 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1111 1 0 100 0 0 10 0
   1: 0100007F:0D96 0100007F:C350 01 00000000:00000000 00:00000000 00000000     0        0 2222 1 0 100 0 0 10 0
   2: 00000000:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 3333 1 0 100 0 0 10 0
`;

test('only the socket that listens on the port is its holder', () => {
  expect(socketInodes(TABLE, 3478, '0A')).toEqual(['1111']);
  expect(socketInodes(TABLE, 80, '0A')).toEqual(['3333']);
  expect(socketInodes(TABLE, 8080, '0A')).toEqual([]);
  expect(socketInodes('', 80, '0A')).toEqual([]);
});
