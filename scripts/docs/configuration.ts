import { join } from 'node:path';
import { configSchema } from '../../src/config/schema';
import { schemaComments } from './comments';
import { configEntries, type ConfigEntry } from './config-entries';
import { formatted, generated, plain } from './markdown';

const SCHEMA = join(__dirname, '../../src/config/schema.ts');

const INTRODUCTION = `Every key of the configuration, as the schema that checks it has them (src/config). All of it is
optional; within a section that is not there by default a key may be required. A key \`a.bC\` is \`TURNKEEPER_A_B_C\` in the
environment, where \`TURNKEEPER_A_B_C_FILE\` names a file that holds the value. A flag goes before the environment, that
before the file. \`turnkeeper --config.check\` says everything that is wrong, and shows what the agent would run with.`;

/** docs/configuration.md. */
export function configurationPage(): Promise<string> {
  const comments = schemaComments(SCHEMA, 'sections');
  const sections = sectionsOf(configEntries(configSchema));
  const parts = [...sections].flatMap(([section, entries]) => [
    ...(section === '' ? [] : [`## \`${section}\``, comments.get(section) ?? '']),
    entries.map((entry) => `- ${lineOf(entry, comments.get(entry.name))}`).join('\n'),
  ]);
  return formatted([generated('npm run docs'), '# Configuration', INTRODUCTION, ...parts]);
}

/** By the first part of their names; what has no second is a section without a name. */
function sectionsOf(entries: readonly ConfigEntry[]): Map<string, ConfigEntry[]> {
  const sections = new Map<string, ConfigEntry[]>([['', []]]);
  for (const entry of entries) {
    const [first = '', second] = entry.name.split('.');
    const section = second === undefined ? '' : first;
    sections.set(section, [...(sections.get(section) ?? []), entry]);
  }
  return sections;
}

function lineOf({ name, byDefault, required, expected }: ConfigEntry, comment: string | undefined): string {
  const standing = required ? 'required' : byDefault === undefined ? 'unset by default' : `default \`${byDefault}\``;
  const sentences = [`\`${name}\` (${standing}): ${plain(expected.join('; '))}.`, comment && plain(comment)];
  return sentences.filter(Boolean).join(' ');
}
