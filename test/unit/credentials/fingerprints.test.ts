import { configSchema } from '../../../src/config/schema';
import { fingerprintsOf, type Fingerprints } from '../../../src/credentials/fingerprints';

const SECRET = 'a secret that the configuration gives';

function of(
  extra: Record<string, string>,
  rotates: boolean,
  secret = SECRET,
  realm = 'turn.example.org',
): Fingerprints {
  return fingerprintsOf(configSchema.parse({ coturn: { extra, realm } }), secret, rotates);
}

test('who has the same secret can issue, and who has another can not; the secret itself is not told', () => {
  const { issuesBy, accepts } = of({}, false);
  expect(issuesBy).toMatch(/^[0-9a-f]{16}$/);
  expect(accepts).toEqual([issuesBy]);
  expect(of({}, false)).toEqual({ issuesBy, accepts });
  expect(of({}, false, 'another secret').issuesBy).not.toBe(issuesBy);
});

test('a secret that is kept in a file of this machine is nobody else’s, not even of a copy of it', () => {
  expect(of({}, true)).toEqual({ issuesBy: undefined, accepts: [] });
  expect(of({ userdb: '/var/lib/turn/turndb' }, true)).toEqual({ issuesBy: undefined, accepts: [] });
});

test.each([
  [
    { 'psql-userdb': 'host=db dbname=turn user=turn password=one' },
    { 'psql-userdb': 'host=db dbname=turn user=turn password=two' },
  ],
  [{ 'psql-userdb': "host=db password='o n e' dbname=turn" }, { 'psql-userdb': 'host=db password=two dbname=turn' }],
  [{ 'mongo-userdb': 'mongodb://turn:one@db/turn' }, { 'mongo-userdb': 'mongodb://turn:two@db/turn' }],
])('who shares a database can issue, whatever its password, which can not be guessed from it: %j', (one, two) => {
  expect(of(one, true).issuesBy).toMatch(/^[0-9a-f]{16}$/);
  expect(of(one, true)).toEqual(of(two, true));
});

test('another realm or database is another', () => {
  const database = { 'psql-userdb': 'host=db dbname=turn' };
  const { issuesBy } = of(database, true);
  expect(of(database, true, SECRET, 'other.example.org').issuesBy).not.toBe(issuesBy);
  expect(of({ 'psql-userdb': 'host=db2 dbname=turn' }, true).issuesBy).not.toBe(issuesBy);
});

test('one with a secret and a database accepts both, and issues by the secret', () => {
  const { issuesBy, accepts } = of({ 'psql-userdb': 'host=db dbname=turn' }, false);
  expect(accepts).toHaveLength(2);
  expect(accepts[0]).toBe(issuesBy);
  expect(accepts[1]).toBe(of({ 'psql-userdb': 'host=db dbname=turn' }, true).issuesBy);
});
