/** Text that is HTML already; anything else that comes into a template is escaped. */
export class Html {
  constructor(readonly text: string) {}
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** A template whose values are safe in element content and in quoted attributes. */
export function markup(literals: TemplateStringsArray, ...values: readonly (string | Html)[]): Html {
  return new Html(literals.reduce((text, literal, index) => text + textOf(values[index - 1] ?? '') + literal));
}

function textOf(value: string | Html): string {
  return value instanceof Html ? value.text : value.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}
