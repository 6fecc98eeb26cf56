import { z } from 'zod';
import { configSchema } from './schema';

/** One value of the configuration: where it stands in the file, and what the environment calls it. */
export interface ConfigKey {
  readonly path: readonly string[];
  /** `web.listenAddress` */
  readonly name: string;
  /** `TURNKEEPER_WEB_LISTEN_ADDRESS` */
  readonly variable: string;
  /** Without `default`, `prefault` and `optional` around it. */
  readonly schema: z.core.$ZodType;
  /** Never shown: not in a message, not in the effective configuration. */
  readonly secret: boolean;
}

/** Every key there is, read from the schema: a new key needs no second place. */
export function configKeys(schema: z.core.$ZodType = configSchema, path: readonly string[] = []): readonly ConfigKey[] {
  const inner = unwrap(schema);
  if (!(inner instanceof z.ZodObject)) return [keyAt(path, inner)];
  return Object.entries(inner.shape as z.core.$ZodShape).flatMap(([name, child]) => configKeys(child, [...path, name]));
}

function keyAt(path: readonly string[], schema: z.core.$ZodType): ConfigKey {
  const secret = z.globalRegistry.get(schema)?.['secret'] === true;
  return { path, name: path.join('.'), variable: variableOf(path), schema, secret };
}

function variableOf(path: readonly string[]): string {
  const words = path.map((part) => part.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase());
  return ['TURNKEEPER', ...words].join('_');
}

/** What stands inside `default`, `prefault` and `optional`. */
function unwrap(schema: z.core.$ZodType): z.core.$ZodType {
  const { def } = schema._zod;
  return 'innerType' in def ? unwrap(def.innerType as z.core.$ZodType) : schema;
}
