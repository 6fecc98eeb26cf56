import { roundTripsCollector } from '../../../../src/collectors/round-trips';
import { ProbeCounts } from '../../../../src/fleet/round-trips/probe-counts';

const regionsIn = (counts: ProbeCounts): string[] => counts.pairs().map(({ to }) => to);

test('the own region is there from the start', () => {
  expect(new ProbeCounts('kr').pairs()).toMatchObject([{ from: 'kr', to: 'kr', outcomes: { answered: 0 } }]);
  expect(regionsIn(new ProbeCounts(undefined))).toEqual(['none']);
});

test('a lost request is counted, and is no round trip', () => {
  const counts = new ProbeCounts('kr');
  counts.note('jp', { kind: 'lost' });
  counts.note('jp', { kind: 'answered', ms: 30 });
  const jp = counts.pairs()[1];
  expect(jp?.outcomes).toEqual({ answered: 1, lost: 1, unsent: 0 });
  expect(jp?.roundTrips.sum).toBe(0.03);
  expect(jp?.roundTrips.cumulative().at(-1)).toBe(1);
});

test('whatever regions others invent, the series are bounded: 64 others, none left out but together', () => {
  const counts = new ProbeCounts('kr');
  for (let i = 0; i < 1000; i++) counts.note(`region-${i}`, { kind: 'unsent' });
  expect(regionsIn(counts)).toHaveLength(66);
  const other = counts.pairs().find(({ to }) => to === 'other');
  expect(other?.outcomes.unsent).toBe(1000 - 64);
});

test('the page shows a histogram and the outcomes of each pair of regions', async () => {
  const counts = new ProbeCounts('kr');
  counts.note('jp', { kind: 'answered', ms: 30 });
  const [roundTrips, probes] = await roundTripsCollector(counts).collect(AbortSignal.timeout(1000));
  expect(roundTrips?.name).toBe('coturn_fleet_round_trip_seconds');
  expect(roundTrips?.samples).toContainEqual({
    suffix: '_bucket',
    labels: { from: 'kr', to: 'jp', le: '0.05' },
    value: 1,
  });
  expect(probes?.samples).toContainEqual({ labels: { from: 'kr', to: 'jp', outcome: 'answered' }, value: 1 });
  expect(probes?.samples).toHaveLength(6);
});
