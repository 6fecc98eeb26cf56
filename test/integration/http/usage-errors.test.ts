import fc from 'fast-check';
import { cursorAt } from '../../../src/http/cursor';
import { UserError } from '../../../src/lib/errors';
import type { UsageReader } from '../../../src/usage/usage-store';
import { usageRecord } from '../usage/store-contract';
import { ask, closeAll, errorOf, startServer, type Answer } from './harness';
import { usageFile, type UsageFile } from './usage-file';

let file: UsageFile;
beforeAll(async () => {
  file = await usageFile(100, (index) => usageRecord(`turn1-1-${index}`));
});
afterAll(() => file.remove());
afterEach(closeAll);

async function get(query: string, usage: UsageReader = file.store): Promise<Answer> {
  return ask(`${(await startServer({ usage })).url()}/v1/usage${query}`);
}

describe('a bad request', () => {
  test.each([
    ['limit=10001', /^limit: must be at most 10000 as JSON/],
    ['limit=0', /^limit: expected a whole number/],
    ['from=yesterday', /^from: expected 2026-11-21/],
    ['from=2026-03-30&to=2026-03-29', /^from: must not be after to/],
    ['groupBy=userid', /^groupBy\[0\]: expected one or more of user, label, realm, server, day/],
    ['groupBy=user&limit=5', /^limit: does not go with groupBy/],
    ['groupBy=day&timeZone=Berlin', /^timeZone: expected an IANA time zone/],
    ['timeZone=%2B01:00', /^timeZone: expected an IANA time zone/],
    ['format=xml', /^format: expected one of json, ndjson, csv/],
    [`after=${cursorAt('sessions', 1)}`, /^after: expected the `next`/],
    ['user=a&user=b', /^user: must be given once/],
    ['user=%00', /^user: must not hold a NUL/],
    ['form=2026-03-29', /^unknown parameter form/],
  ])('%s is told what is wrong', async (query, message) => {
    const answer = await get(`?${query}`);
    expect([answer.status, errorOf(answer).code]).toEqual([400, 'bad_request']);
    expect(errorOf(answer).message).toMatch(message);
  });

  test('of whatever kind never is an error of the agent, and always a JSON answer or what was asked for', async () => {
    const url = (await startServer({ usage: file.store })).url();
    const names = [
      'from',
      'to',
      'user',
      'realm',
      'server',
      'groupBy',
      'timeZone',
      'after',
      'limit',
      'format',
      'x',
      '__proto__',
    ];
    const odd = fc.constantFrom(
      '',
      '0',
      '-1',
      '1e9',
      '%00',
      '%ff',
      '%',
      "' OR 1=1 --",
      'user,day',
      'day',
      'csv',
      '2026-02-30',
      '9999-12-31',
      '1970-01-01',
      'Europe/Berlin',
      '+01:00',
      '\u{10ffff}',
      '%ed%a0%80',
      cursorAt('usage', 2 ** 53 - 1),
      '[]',
      '_',
    );
    const value = fc.oneof(odd, fc.string({ unit: 'binary', maxLength: 20 }));
    const parameter = fc.tuple(fc.constantFrom(...names), value, fc.boolean());
    const query = fc.array(parameter, { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(query, async (parameters) => {
        const text = parameters.map(([name, given, isRaw]) => `${name}=${isRaw ? rawly(given) : encoded(given)}`);
        const answer = await ask(`${url}/v1/usage?${text.join('&')}`);
        expect([200, 400]).toContain(answer.status);
        if (answer.status === 400) expect(errorOf(answer).code).toBe('bad_request');
      }),
      { numRuns: 300 },
    );
  });
});

/** Lone surrogates can't be encoded. */
const encoded = (text: string): string => encodeURIComponent(Buffer.from(text).toString());
/** What a client may send as it is. */
const rawly = (text: string): string => text.replaceAll(/[^!-~]|[#&]/gu, encoded);

describe('a store that can not answer', () => {
  const failing = (error: Error): UsageReader => {
    const fail = (): AsyncIterable<never> => ({
      [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(error) }),
    });
    return { records: fail, sums: fail };
  };

  test.each([
    ['unavailable', 503],
    ['too_many', 429],
  ] as const)('(%s) is %d, whatever the format', async (code, status) => {
    for (const query of ['?format=json', '?format=csv', '?format=ndjson&groupBy=user']) {
      const answer = await get(query, failing(new UserError(code, 'Later.')));
      expect([answer.status, errorOf(answer)]).toEqual([status, { code, message: 'Later.' }]);
    }
  });

  test('for a reason of its own tells nothing of it', async () => {
    const answer = await get('?format=csv', failing(new Error('password=hunter2')));
    expect([answer.status, errorOf(answer)]).toEqual([500, { code: 'internal', message: 'internal error' }]);
    expect(answer.headers['content-disposition']).toBeUndefined();
  });

  test('any more, half way, breaks the answer off: nobody takes it for whole', async () => {
    const usage: UsageReader = {
      async *records() {
        yield await Promise.resolve([{ ...usageRecord('turn1-1-1'), place: 1 }]);
        throw new UserError('unavailable', 'The disk is gone.');
      },
      sums: () => failing(new Error()).sums({ groupBy: ['user'], timeZone: 'UTC' }),
    };
    for (const format of ['json', 'ndjson', 'csv']) {
      await expect(get(`?format=${format}`, usage)).rejects.toThrow(/aborted|hang up/);
    }
  });
});

test.each(['POST', 'PUT', 'DELETE', 'PATCH'])('%s is not for usage', async (method) => {
  const answer = await ask(`${(await startServer()).url()}/v1/usage`, { method });
  expect([answer.status, errorOf(answer).code, answer.headers.allow]).toEqual([405, 'method_not_allowed', 'GET, HEAD']);
});
