import { InvalidArgumentError } from 'commander';

/** A parser for commander: a whole number from 1 to `max`. */
export function upTo(max: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : 0;
    if (value >= 1 && value <= max) return value;
    throw new InvalidArgumentError(`Expected a whole number from 1 to ${max}.`);
  };
}
