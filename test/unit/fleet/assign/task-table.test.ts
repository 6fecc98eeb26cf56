import { TaskTable, type Place } from '../../../../src/fleet/assign/task-table';

const own: Place = { kind: 'own', sessionId: '1', version: 0 };
const entry = (until: number, place: Place = own) => ({
  reservation: { server: 'a', seconds: 1, until },
  place,
  pending: undefined,
});

test('those whose time has come are due once, and those that were extended later', () => {
  const table = new TaskTable();
  table.set('short', entry(1000));
  table.set('long', entry(5000));
  table.set('extended', entry(1000));
  table.set('extended', entry(3000));
  expect(table.takeDue(999)).toEqual([]);
  expect(table.takeDue(1000)).toEqual(['short']);
  expect(table.takeDue(2000)).toEqual([]);
  expect(table.takeDue(10_000).sort()).toEqual(['extended', 'long']);
  expect(table.takeDue(20_000)).toEqual([]);
});

test('one that could not be ended is due again', () => {
  const table = new TaskTable();
  table.set('a', entry(1000));
  expect(table.takeDue(1000)).toEqual(['a']);
  table.dueAt('a', 6000);
  expect(table.takeDue(5999)).toEqual([]);
  expect(table.takeDue(6000)).toEqual(['a']);
});

test('it is counted where each stands, whatever becomes of it', () => {
  const table = new TaskTable();
  table.set('a', entry(1000));
  table.set('b', entry(1000, { kind: 'unshared' }));
  table.set('b', entry(2000, { kind: 'elsewhere' }));
  expect(table.counts).toEqual({ own: 1, elsewhere: 1, unshared: 0 });
  table.delete('a');
  table.delete('a');
  expect([table.counts, table.size]).toEqual([{ own: 0, elsewhere: 1, unshared: 0 }, 1]);
});
