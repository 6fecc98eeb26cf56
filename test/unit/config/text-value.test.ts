import { z } from 'zod';
import { fromText, isStructured } from '../../../src/config/text-value';
import { duration } from '../../../src/config/units';

describe('fromText', () => {
  const autoOrNumber = z.union([z.literal('auto'), z.number()]);
  const autoOrList = z.union([z.literal('auto'), z.array(z.string())]);

  it.each([
    ['a number', z.int(), ' 42 ', 42],
    ['a decimal', z.number(), '0.5', 0.5],
    ['true', z.boolean(), 'TRUE', true],
    ['false', z.boolean(), 'false', false],
    ['a text of digits', z.string(), '12345678', '12345678'],
    ['a list', z.array(z.string()), 'a, b,,c ', ['a', 'b', 'c']],
    ['a list of numbers', z.array(z.number()), '1,2', [1, 2]],
    ['the word of a union', autoOrNumber, 'auto', 'auto'],
    ['the number of a union', autoOrNumber, '100', 100],
    ['the word, though it would fit as a list', autoOrList, 'auto', 'auto'],
    ['the list of a union', autoOrList, 'eth0,eth1', ['eth0', 'eth1']],
    ['what a transform reads', duration, '10s', '10s'],
  ])('reads %s', (_, schema, text, value) => {
    expect(fromText(schema, text)).toEqual(value);
  });

  it.each([
    [z.number(), '0x10'],
    [z.number(), ''],
    [z.number(), '1e9'],
    [z.boolean(), 'yes'],
    [autoOrNumber, 'fast'],
  ])('leaves a text that does not fit to the schema to refuse', (schema, text) => {
    expect(fromText(schema, text)).toBe(text);
  });
});

describe('isStructured', () => {
  it('tells what has to be written as YAML', () => {
    expect(isStructured(z.record(z.string(), z.string()))).toBe(true);
    expect(isStructured(z.array(z.strictObject({ name: z.string() })))).toBe(true);
    expect(isStructured(z.array(z.string()))).toBe(false);
    expect(isStructured(duration)).toBe(false);
  });
});
