import { z } from 'zod';

/** What a rule finds wrong with one of its keys. */
interface Fault<Key> {
  readonly key: Key;
  readonly message: string;
}

type Issues = z.core.ParsePayload['issues'];

/**
 * A rule between keys of one section. It is asked as soon as each of them is good by itself: zod would wait until
 * everything else is good too, and a user would be told about their mistakes one after the other.
 */
export function rule<Section, Key extends keyof Section & string>(
  keys: readonly Key[],
  faultOf: (section: Pick<Section, Key>) => Fault<Key> | undefined,
): z.core.$ZodCheck<Section> {
  return z.superRefine<Section>(
    (section, context) => {
      const fault = faultOf(section);
      if (fault) context.addIssue({ code: 'custom', path: [fault.key], message: fault.message });
    },
    { when: ({ value, issues }) => typeof value === 'object' && value !== null && areGood(keys, issues) },
  );
}

function areGood(keys: readonly string[], issues: Issues): boolean {
  return !issues.some(({ path, code }) => (path?.length ? keys.includes(String(path[0])) : code === 'invalid_type'));
}
