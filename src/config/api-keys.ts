import { z } from 'zod';

/** `report` may do nothing else: it can be given to pages. */
const SCOPES = ['credentials', 'read', 'report', 'admin'] as const;
export type Scope = (typeof SCOPES)[number];

/** Whether a key of these scopes may do what needs `wanted`: `admin` may do what the others may, `credentials` may report. */
export function covers(scopes: ReadonlySet<Scope>, wanted: Scope): boolean {
  return scopes.has(wanted) || scopes.has('admin') || (wanted === 'report' && scopes.has('credentials'));
}

export const HOW_TO_MAKE_A_KEY =
  'make one with `openssl rand -hex 32`, and put what `printf %s <key> | sha256sum` prints into keys[].sha256';

const apiKey = z.strictObject({
  /** Stands in the log beside what was done with the key. */
  name: z
    .string()
    .regex(
      /^(?!local$)[\w.-]{1,64}$/,
      'expected up to 64 letters, digits, dots, dashes and underscores, and not local',
    ),
  // The message shows no value: a key that was pasted here by mistake must not get into a log.
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/i, `needs the SHA-256 of a key, 64 hexadecimal digits: ${HOW_TO_MAKE_A_KEY}`),
  scopes: z.array(z.enum(SCOPES)).min(1, `needs at least one of ${SCOPES.join(', ')}`),
});
export type ApiKey = z.output<typeof apiKey>;

export const apiKeys = z
  .array(apiKey)
  .max(1000)
  .superRefine((keys, context) => {
    for (const field of ['name', 'sha256'] as const) {
      const values = keys.map((key) => key[field].toLowerCase());
      const twice = values.findIndex((value, at) => values.indexOf(value) < at);
      if (twice >= 0)
        context.addIssue({ code: 'custom', path: [twice, field], message: 'stands at another key as well' });
    }
  })
  .default([]);
