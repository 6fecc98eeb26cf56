import fc from 'fast-check';
import { attributesOfSw8, parseSw8, refOfSw8 } from '../../../src/tracing/sw8';

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const TEXTS = ['a4ec6f.74.16218381', 'seg.74.16', 'shop', 'shop@10.0.0.1', '/buy', '10.0.0.2:80'];

/** A header of these fields, the texts of which are encoded. */
function header({ sample = '1', texts = TEXTS, span = '3' } = {}): string {
  const [trace = '', segment = '', ...others] = texts.map(base64);
  return [sample, trace, segment, span, ...others].join('-');
}

test('a header says where its caller is', () => {
  const parent = { isSampled: true, traceId: 'a4ec6f.74.16218381', segmentId: 'seg.74.16', spanId: 3, service: 'shop' };
  expect(parseSw8(header())).toEqual(parent);
  expect(parseSw8(header({ sample: '0' }))).toEqual({ ...parent, isSampled: false });
  expect(attributesOfSw8(parent)).toMatchObject({ 'sw8.trace_id': 'a4ec6f.74.16218381', 'sw8.span_id': 3 });
});

test('agents that leave the padding out are understood', () => {
  expect(parseSw8(header().replace(/=/g, ''))).toEqual(parseSw8(header()));
});

test.each([
  ['nothing', ''],
  ['a sample that is neither 0 nor 1', header({ sample: '2' })],
  ['no field at the end', header().split('-').slice(0, 7).join('-')],
  ['one field too many', `${header()}-more`],
  ['a span that is no number', header({ span: 'x' })],
  ['a span below 0', header({ span: '-1' })],
  ['a span of ten digits', header({ span: '9999999999' })],
  ['an empty trace id', header({ texts: ['', ...TEXTS.slice(1)] })],
  ['a trace id with a newline', header({ texts: ['a\nb', ...TEXTS.slice(1)] })],
  ['a trace id beyond all bounds', header({ texts: ['a'.repeat(257), ...TEXTS.slice(1)] })],
  ['what is no base64', header().replace(base64('shop'), 'sh*p')],
  ['2 KB', header({ texts: [...TEXTS.slice(0, 5), 'x'.repeat(2000)] })],
])('%s is no header', (_what, text) => {
  expect(parseSw8(text)).toBeUndefined();
});

test('whatever comes gives ids that fit, and text that can be shown, or nothing', () => {
  const anything = fc.oneof(
    fc.string(),
    fc.tuple(...TEXTS.map(() => fc.string({ unit: 'binary' }))).map((texts) => header({ texts })),
  );
  fc.assert(
    fc.property(anything, (text) => {
      const parent = parseSw8(text);
      if (!parent) return;
      expect(parent.service).toMatch(/^[ -~]{0,64}$/);
      expect(parent.traceId).toMatch(/^[\w.-]{1,256}$/);
      expect(refOfSw8(parent)).toMatchObject({
        traceId: expect.stringMatching(/^[0-9a-f]{32}$/) as string,
        spanId: expect.stringMatching(/^[0-9a-f]{16}$/) as string,
      });
    }),
  );
});

test('spans of one SkyWalking trace are in one trace, and each is itself', () => {
  const [one, other] = ['3', '4'].map((span) => parseSw8(header({ span })));
  if (!one || !other) throw new Error('the header was not understood');
  expect(refOfSw8(one).traceId).toBe(refOfSw8(other).traceId);
  expect(refOfSw8(one).spanId).not.toBe(refOfSw8(other).spanId);
});
