import type { ConfigKey } from './keys';

/** A value that somebody gave for a key. */
export interface Setting {
  readonly key: ConfigKey;
  readonly value: unknown;
  /** Where it was given: `--log.level`, `TURNKEEPER_LOG_LEVEL`, `turnkeeper.yml:12`. */
  readonly source: string;
}

/** Something to be put right before the agent can start. */
export interface Mistake {
  /** The key or variable; empty when the whole source is meant. */
  readonly path: string;
  readonly source: string;
  /** What is wrong, and what would be right. */
  readonly message: string;
}

/** What one source (flags, environment, file) gave. */
export interface Layer {
  readonly settings: readonly Setting[];
  readonly mistakes: readonly Mistake[];
}
