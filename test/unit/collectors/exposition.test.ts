import { single, type Collector, type MetricFamily } from '../../../src/collectors/collector';
import { Exposition } from '../../../src/collectors/exposition';
import { ManualClock } from './manual-clock';
import { recordingLogger } from './recording-logger';

const gauge = (name: string, value = 1): MetricFamily => single('gauge', name, `The ${name}.`, value);

const good: Collector = { name: 'good', collect: () => [gauge('good_value')] };

/** A collector that answers, throws or hangs as the test says. */
class Moody implements Collector {
  readonly name = 'moody';
  started = 0;
  lastSignal: AbortSignal | undefined;
  mood: () => Promise<readonly MetricFamily[]> = () => Promise.resolve([gauge('moody_value')]);

  collect(signal: AbortSignal): Promise<readonly MetricFamily[]> {
    this.started++;
    this.lastSignal = signal;
    return this.mood();
  }
}

function setUp(collectors: readonly Collector[]) {
  const clock = new ManualClock();
  const { logger, lines } = recordingLogger();
  const exposition = new Exposition({ collectors, clock, logger, timeoutMs: 2000 });
  const scrape = async (...collect: string[]): Promise<string> =>
    (await exposition.scrape({ collect, openMetrics: false })).body;
  return { clock, lines, exposition, scrape };
}

function deferred<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((settle) => (resolve = settle));
  return { promise, resolve };
}

const throws: Collector = {
  name: 'throws',
  collect() {
    throw new Error('no such luck');
  },
};

test('a collector that throws costs its own metrics only, and says so in its success', async () => {
  const { scrape } = setUp([throws, good]);
  const body = await scrape();
  expect(body).toContain('\ngood_value 1\n');
  expect(body).toContain('turnkeeper_collector_success{collector="throws"} 0\n');
  expect(body).toContain('turnkeeper_collector_success{collector="good"} 1\n');
});

test('a failure is logged when it begins and when it ends, not at each scrape', async () => {
  const moody = new Moody();
  const { scrape, lines } = setUp([moody, good]);
  const works = moody.mood;
  moody.mood = () => Promise.reject(new Error('bad day'));
  await scrape();
  await scrape();
  moody.mood = works;
  await scrape();
  await scrape();
  expect(lines.map(({ msg, collector, err }) => [collector, msg, err?.message])).toEqual([
    ['moody', 'a collector failed: its metrics are left out', 'bad day'],
    ['moody', 'a collector works again', undefined],
  ]);
});

test('a collector that hangs is told to stop and left out after the timeout, the others are not', async () => {
  const moody = new Moody();
  moody.mood = () => new Promise(() => undefined);
  const { clock, scrape, lines } = setUp([moody, good]);
  const scraping = scrape();
  await clock.advance(1999);
  expect(moody.lastSignal?.aborted).toBe(false);
  await clock.advance(1);
  const body = await scraping;
  expect(moody.lastSignal?.aborted).toBe(true);
  expect(body).toContain('good_value 1');
  expect(body).toContain('turnkeeper_collector_success{collector="moody"} 0\n');
  expect(body).toContain('turnkeeper_collector_duration_seconds{collector="moody"} 2\n');
  expect(lines.map(({ err }) => err?.message)).toEqual(['it did not answer within 2000 ms']);
});

test('a collector that still hangs is not started a second time, and works again once it has ended', async () => {
  const moody = new Moody();
  const answer = deferred<readonly MetricFamily[]>();
  moody.mood = () => answer.promise;
  const { clock, scrape } = setUp([moody]);
  const first = scrape();
  await clock.advance(2000);
  await first;
  expect(await scrape()).toContain('turnkeeper_collector_success{collector="moody"} 0\n');
  expect(moody.started).toBe(1);

  answer.resolve([gauge('moody_value', 7)]);
  await clock.advance(0);
  expect(await scrape()).toContain('moody_value 7');
  expect(moody.started).toBe(2);
});

test('scrapes at the same time share one run; the next scrape gets its own', async () => {
  const moody = new Moody();
  const answer = deferred<readonly MetricFamily[]>();
  moody.mood = () => answer.promise;
  const { scrape } = setUp([moody, good]);
  const scrapes = [scrape(), scrape('moody'), scrape('good', 'moody')];
  answer.resolve([gauge('moody_value', 3)]);
  for (const body of await Promise.all(scrapes)) expect(body).toContain('moody_value 3');
  expect(moody.started).toBe(1);
  await scrape();
  expect(moody.started).toBe(2);
});

test('an answer in time leaves no timer behind', async () => {
  const { clock, scrape } = setUp([good, throws]);
  await scrape();
  await clock.advance(0);
  expect(clock.waiting).toBe(0);
});

test('collect[] runs the chosen collectors only, in the order of the page', async () => {
  const moody = new Moody();
  const { scrape, exposition } = setUp([good, moody]);
  expect(exposition.names).toEqual(['good', 'moody']);
  const body = await scrape('moody', 'moody');
  expect(body).toContain('moody_value 1');
  expect(body).not.toContain('good');
});

test('an unknown name in collect[] is refused with the names there are, and runs nothing', async () => {
  const moody = new Moody();
  const { scrape } = setUp([good, moody]);
  await expect(scrape('moody', 'no"pe\n')).rejects.toMatchObject({
    code: 'bad_request',
    message: 'There is no collector "no\\"pe\\n"; choose from good, moody.',
  });
  expect(moody.started).toBe(0);
});

test('a metric given by two collectors is exposed once, the first one, and the rest of the scrape is there', async () => {
  const copy: Collector = { name: 'copy', collect: () => [gauge('good_value', 2), gauge('copy_value')] };
  const { scrape, lines } = setUp([good, copy]);
  await scrape();
  const body = await scrape();
  expect(body.match(/^good_value .*$/gm)).toEqual(['good_value 1']);
  expect(body).toContain('copy_value 1');
  expect(lines.map(({ msg, metric, collector }) => [msg, metric, collector])).toEqual([
    ['a metric was given twice: the second is left out', 'good_value', 'copy'],
  ]);
});
