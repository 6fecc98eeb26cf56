import { LastOutcomes } from '../../../src/reports/last-outcomes';

test('the connection longest unheard is forgotten, so that memory is bounded', () => {
  const outcomes = new LastOutcomes(2);
  for (const id of ['a', 'b', 'a', 'c']) outcomes.isNews(id, 'ice', 'failed');
  expect(outcomes.isNews('a', 'ice', 'failed')).toBe(false);
  expect(outcomes.isNews('b', 'ice', 'failed')).toBe(true);
});

test('no id is taken for that of another layer', () => {
  const outcomes = new LastOutcomes(10);
  outcomes.isNews('a', 'ice', 'failed');
  expect(outcomes.isNews('a', 'dtls', 'failed')).toBe(true);
  expect(outcomes.isNews('ice a', 'ice', 'failed')).toBe(true);
});
