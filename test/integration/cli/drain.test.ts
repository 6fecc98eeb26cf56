import { apiServer, closeServers, sendJson, type ApiServer } from './api-server';
import { turnkeeper, type Outcome } from './turnkeeper';

afterEach(closeServers);

function status(state: string, changes: object = {}): object {
  const times = { startedAt: '2026-11-21T08:00:00.000Z', deadlineAt: '2026-11-21T08:10:00.000Z', secondsLeft: 588.4 };
  return { state, allocations: 12, sessions: 5, ...times, refusing: true, ended: 0, ...changes };
}

const SERVING = { state: 'serving', allocations: 1, sessions: 1 };
const DRAINED = status('drained', { allocations: 0, sessions: 0 });

/** Answers with these, one after the other, the last again and again. */
async function agentThatSays(...answers: object[]): Promise<ApiServer & { readonly bodies: string[] }> {
  const bodies: string[] = [];
  let next = 0;
  const server = await apiServer((request, response) => {
    let body = '';
    request.on('data', (data: Buffer) => (body += data.toString()));
    request.on('end', () => {
      bodies.push(body);
      sendJson(response, answers[Math.min(next++, answers.length - 1)]);
    });
  });
  return { ...server, bodies };
}

async function drain(answers: object[], ...args: string[]): Promise<Outcome> {
  return turnkeeper(['drain', ...args, '--url', (await agentThatSays(...answers)).url]);
}

test('it waits until the relay is empty, and says how far it is where it changes', async () => {
  const begun = status('draining');
  const { url, asked, bodies } = await agentThatSays(begun, begun, begun, status('ending'), DRAINED);
  expect(await turnkeeper(['drain', '--deadline', '10m', '--url', url])).toMatchObject({
    status: 0,
    stdout: 'Drained: nothing is left on the relay.\n',
    stderr:
      'Draining: 12 allocations in 5 sessions left, for 9m 48s at most.\n' +
      'The deadline has come: 12 allocations in 5 sessions are being ended.\n',
  });
  expect(asked).toEqual(['POST /-/drain', 'GET /-/drain', 'GET /-/drain', 'GET /-/drain', 'GET /-/drain']);
  expect(bodies[0]).toBe('{"deadlineSeconds":600}');
});

test('on a terminal it draws over its own line, no wider than that', async () => {
  const { url } = await agentThatSays(status('draining'), status('draining'), DRAINED);
  const { stderr } = await turnkeeper(['drain', '--url', url], { watched: true, columns: 40 });
  const [first, line, ...rest] = stderr.split('\r\u001b[K');
  expect([first, line]).toEqual(['', 'Draining: 12 allocations in 5 sessions…']);
  expect(rest.at(-1)).toBe('');
});

test('without --wait it returns at once; the deadline is the agent’s where none is given', async () => {
  const { url, asked, bodies } = await agentThatSays(status('draining', { refusing: false }));
  expect(await turnkeeper(['drain', '--no-wait', '--url', url])).toMatchObject({
    status: 0,
    stdout:
      'Draining: 12 allocations in 5 sessions left, for 9m 48s at most (clients that hold a credential can still make some).\n',
    stderr: '',
  });
  expect([asked, bodies]).toEqual([['POST /-/drain'], ['{}']]);
});

test.each([
  ['was undone meanwhile', SERVING, 'The relay is in service, with 1 allocation in 1 session.\n'],
  [
    'can end nothing',
    status('overdue'),
    'The deadline has come with 12 allocations in 5 sessions left: somebody else runs coturn, so end them there.\n',
  ],
])('a drain that %s has failed', async (_what, answer, stdout) => {
  expect(await drain([status('draining'), answer])).toMatchObject({ status: 1, stdout });
});

test('what the deadline ended is said', async () => {
  const { stdout } = await drain([{ ...DRAINED, ended: 3 }]);
  expect(stdout).toBe('Drained: nothing is left on the relay; 3 allocations ended at the deadline.\n');
});

test('--status looks and changes nothing, --undo takes the relay back', async () => {
  const { url, asked } = await agentThatSays(SERVING);
  const said = { status: 0, stdout: 'The relay is in service, with 1 allocation in 1 session.\n' };
  expect(await turnkeeper(['drain', '--status', '--url', url])).toMatchObject(said);
  expect(await turnkeeper(['drain', '--undo', '--url', url])).toMatchObject(said);
  expect(asked).toEqual(['GET /-/drain', 'POST /-/undrain']);
});

test('--json gives the end as one object', async () => {
  const { status: exit, stdout } = await drain([status('draining'), DRAINED], '--json');
  expect(exit).toBe(0);
  expect(stdout.trimEnd().split('\n')).toHaveLength(1);
  expect(JSON.parse(stdout)).toMatchObject({ state: 'drained', allocations: 0, ended: 0 });
});

test.each([
  [['--deadline', 'soon'], 'Expected a duration such as 30s'],
  [['--deadline', '2d'], 'of 1d at most'],
  [['--undo', '--deadline', '1m'], 'cannot be used with'],
  [['--undo', '--status'], 'cannot be used with'],
])('drain %j is a mistake, and nothing is drained', async (args, message) => {
  const { url, asked } = await agentThatSays(SERVING);
  const { status: exit, stderr } = await turnkeeper(['drain', ...args, '--url', url]);
  expect([exit, asked]).toEqual([2, []]);
  expect(stderr).toContain(message);
});
