import type { z } from 'zod';

/** Every mistake that a schema found, as `path: what is wrong`. The values themselves, maybe secrets, stay out. */
export function describeIssues(error: z.ZodError): string[] {
  return error.issues.map((issue) =>
    issue.path.length === 0 ? issue.message : `${pathOf(issue.path)}: ${issue.message}`,
  );
}

function pathOf(path: readonly PropertyKey[]): string {
  return path
    .map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`))
    .join('')
    .replace(/^\./, '');
}
