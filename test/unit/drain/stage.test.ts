import { stageOf, type Situation } from '../../../src/drain/stage';

const BEFORE: Situation = { allocations: 3, isSettled: true, now: 10, deadline: 100, isOwn: true };

test.each<[string, Partial<Situation>, string]>([
  ['it waits for what is open', {}, 'draining'],
  ['nothing is left', { allocations: 0 }, 'drained'],
  ['what was just allocated may not have been heard of', { allocations: 0, isSettled: false }, 'draining'],
  ['the deadline has come', { now: 100 }, 'ending'],
  ['the deadline has come, and all is gone already', { now: 100, allocations: 0 }, 'drained'],
  ['the deadline has come, and somebody else runs coturn', { now: 100, isOwn: false }, 'overdue'],
])('%s', (_name, changes, stage) => {
  expect(stageOf({ ...BEFORE, ...changes })).toBe(stage);
});
