import { configSchema } from '../../../src/config/schema';

const faults = (config: object): string[] =>
  configSchema.safeParse(config).error?.issues.map(({ path, message }) => `${path.join('.')} ${message}`) ?? [];
const observed = (url: string): object => ({ coturn: { supervise: false }, sources: { metrics: { url } } });

test.each(['http://127.0.0.1:9641/metrics', 'https://turn.example.org:9641/metrics', 'http://[::1]:9641/'])(
  'the page of a coturn that somebody else runs may be at %s',
  (url) => {
    expect(faults(observed(url))).toEqual([]);
  },
);

test.each(['127.0.0.1:9641', 'file:///etc/passwd', 'http://user:secret@host/metrics', 'http://'])(
  'it can not be at %s',
  (url) => {
    expect(faults(observed(url))[0]).toMatch(/^sources\.metrics\.url expected a URL such as http:/);
  },
);

test('an URL for the coturn that the agent runs is refused: its page would be read from elsewhere', () => {
  expect(faults({ sources: { metrics: { url: 'http://127.0.0.1:9641/metrics' } } })[0]).toMatch(
    /^sources metrics\.url is for a coturn that somebody else runs/,
  );
});

test("coturn's page and its admin interface can not share a port", () => {
  expect(faults({ coturn: { cliPort: 9641 } })).toEqual(['coturn.metricsPort must differ from coturn.cliPort']);
});
