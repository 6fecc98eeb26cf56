import { z } from 'zod';

/**
 * What a text from the environment or from a flag says to a schema: numbers and booleans are read, lists are split
 * at commas. A text that does not fit stays as it is, so that the schema says what would be right.
 */
export function fromText(schema: z.core.$ZodType, text: string): unknown {
  if (schema instanceof z.ZodPipe) return fromText(schema.in, text);
  if (schema instanceof z.ZodNumber) return numberOf(text);
  if (schema instanceof z.ZodBoolean) return booleanOf(text);
  if (schema instanceof z.ZodArray) return piecesOf(text).map((piece) => fromText(schema.element, piece));
  if (schema instanceof z.ZodUnion) return firstFit(schema.options, text);
  return text;
}

/** Whether a value is more than a scalar or a list of scalars, and is written as YAML or JSON in the environment. */
export function isStructured(schema: z.core.$ZodType): boolean {
  if (schema instanceof z.ZodArray) return isStructured(schema.element);
  return schema instanceof z.ZodRecord || schema instanceof z.ZodObject;
}

function numberOf(text: string): number | string {
  return /^[+-]?(\d+\.?\d*|\.\d+)$/.test(text.trim()) ? Number(text) : text;
}

function booleanOf(text: string): boolean | string {
  switch (text.trim().toLowerCase()) {
    case 'true':
      return true;
    case 'false':
      return false;
    default:
      return text;
  }
}

function piecesOf(text: string): string[] {
  return text
    .split(',')
    .map((piece) => piece.trim())
    .filter((piece) => piece !== '');
}

function firstFit(options: readonly z.core.$ZodType[], text: string): unknown {
  const values = options.map((option) => ({ option, value: fromText(option, text) }));
  return values.find(({ option, value }) => z.safeParse(option, value).success)?.value ?? text;
}
