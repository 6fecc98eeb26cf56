import { traced } from '../../../src/lib/traced';
import { noTracer } from '../../../src/lib/tracer';

test('without traces an object is left as it is, and work is done as if nobody had asked', () => {
  const store = { append: (value: number) => value };
  expect(traced(noTracer, store, { append: () => ({ name: 'append' }) })).toBe(store);
  expect(noTracer.run({ name: 'work' }, () => 7)).toBe(7);
  expect(noTracer.current()).toBeUndefined();
});
