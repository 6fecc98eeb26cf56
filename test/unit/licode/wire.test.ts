import fc from 'fast-check';
import { agentsIn, bounded, busyProcesses, controllersIn, processesIn } from '../../../src/licode/components';
import { encodeCall, parseAnswer } from '../../../src/licode/wire';

test('a call has the fields that amqper.js reads', () => {
  const call = { to: 'ErizoAgent_1', method: 'rovMessage', args: [{ action: 'open' }] };
  expect(JSON.parse(encodeCall(call, 'c1', 'amq.gen-1').toString())).toEqual({
    method: 'rovMessage',
    args: [{ action: 'open' }],
    corrID: 'c1',
    replyTo: 'amq.gen-1',
  });
});

test.each([
  ['{"type":"callback","corrID":"c1","data":[1]}', { corrId: 'c1', data: [1] }],
  ['{"type":"callback","corrID":"c1"}', { corrId: 'c1', data: undefined }],
  ['{"type":"onReady","corrID":"c1"}', 'malformed'],
  ['{"type":"callback","corrID":1}', 'malformed'],
  ['[]', 'malformed'],
  ['null', 'malformed'],
  ['{', 'malformed'],
  [`${'['.repeat(500_000)}${']'.repeat(500_000)}`, 'malformed'],
  ['"'.padEnd(2 << 20, 'x'), 'oversized'],
])('%#: an answer is read, or refused with its reason', (body, expected) => {
  expect(parseAnswer(Buffer.from(body))).toEqual(expected);
});

test('no bytes make the reading of an answer throw, or make up an answer', () => {
  const body = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc.json().map((text) => Buffer.from(text)),
  );
  fc.assert(
    fc.property(body, (bytes) => {
      expect(['malformed', 'oversized']).toContain(parseAnswer(Buffer.from(bytes)));
    }),
  );
});

describe('lists of components', () => {
  test('rows of nuve, of a controller and of an agent name components on the exchange', () => {
    expect(controllersIn([{ _id: '5f0c', ip: '10.0.0.1' }])).toEqual(['erizoController_5f0c']);
    expect(agentsIn({ a: { info: { id: 'a', rpc_id: 'ErizoAgent_a-1' } } })).toEqual(['ErizoAgent_a-1']);
    const rows = [
      { id: 'x-1', idle: false, started: true },
      { id: 'x-2', idle: true, started: true },
      { started: false, idle: false },
    ];
    expect(processesIn(rows)).toEqual(['ErizoJS_x-1', 'ErizoJS_x-2']);
    expect(busyProcesses(rows)).toBe(1);
  });

  test.each(['', 'a b', 'x'.repeat(200), 'a\n', 'a#', '*', 7, null, {}])('%j is no name', (id) => {
    expect(controllersIn([{ _id: id }, { _id: 'good' }])).toEqual([undefined, 'erizoController_good']);
  });

  test('an agent can name neither nuve nor the queue that all agents share', () => {
    const named = (rpcId: string): unknown => agentsIn({ a: { info: { rpc_id: rpcId } } });
    expect([named('nuve'), named('ErizoAgent'), named('ErizoAgent_'), named('ErizoJS_1')]).toEqual([
      [undefined],
      [undefined],
      [undefined],
      [undefined],
    ]);
  });

  test('nothing that is answered makes them throw, or name a component of another kind', () => {
    const lists = [controllersIn, agentsIn, processesIn];
    const shaped = fc.oneof(
      fc.anything(),
      fc.array(fc.record({ _id: fc.anything(), id: fc.anything(), idle: fc.anything() })),
      fc.dictionary(fc.string(), fc.record({ info: fc.record({ rpc_id: fc.string() }) })),
    );
    fc.assert(
      fc.property(shaped, (answer) => {
        for (const list of lists) {
          for (const name of list(answer) ?? []) {
            expect(name ?? 'ErizoJS_x').toMatch(/^(erizoController|ErizoAgent|ErizoJS)_[\w.-]{1,128}$/);
          }
        }
        expect(busyProcesses(answer) ?? 0).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  test('each is asked once, and no more than 2000 of them', () => {
    expect(bounded(['a', 'b', 'a'])).toEqual({ names: ['a', 'b'], surplus: 0 });
    const many = bounded(Array.from({ length: 2003 }, (_, i) => String(i)));
    expect([many.names.length, many.surplus]).toEqual([2000, 3]);
  });
});
