import { openApiDocument } from '../../src/http/openapi-document';
import { OPERATIONS } from '../../src/http/openapi-operations';
import { formatted, generated, plain } from './markdown';

interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
}

type Content = Readonly<Record<string, { readonly schema: Schema }>>;

interface Described {
  readonly summary: string;
  readonly description?: string;
  readonly parameters: readonly { name: string; in: string; required: boolean; description?: string; schema: Schema }[];
  readonly requestBody?: { readonly content: Content };
  readonly responses: Readonly<Record<string, { readonly content?: Content }>>;
}

const INTRODUCTION = `Every call, as \`GET /openapi.json\` describes it to programs: both are made from the schemas that
check the requests. Errors are \`{"error":{"code","message"}}\`. A key is sent as \`Authorization: Bearer <key>\`; the agent's
own machine needs none while it listens on loopback.`;

/** docs/http-api.md. */
export function httpApiPage(): Promise<string> {
  const { paths, components } = openApiDocument(OPERATIONS, 'any') as {
    paths: Readonly<Record<string, Readonly<Record<string, Described>>>>;
    components: { readonly schemas: Readonly<Record<string, Schema>> };
  };
  const calls = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, call]) => callOf(`${method.toUpperCase()} ${path}`, call)),
  );
  const shapes = Object.entries(components.schemas).map(([name, schema]) => `### ${name}\n\n${fieldsOf(schema)}`);
  return formatted([
    generated('npm run docs'),
    '# HTTP API',
    INTRODUCTION,
    ...calls,
    '## What comes and goes',
    ...shapes,
  ]);
}

function callOf(call: string, { summary, description, parameters, requestBody, responses }: Described): string {
  const lines = parameters.map(({ name, in: place, required, description: what, schema }) =>
    lineOf(place === 'path' ? `{${name}}` : `?${name}`, { ...schema, ...(what && { description: what }) }, required),
  );
  const asked = Object.values(requestBody?.content ?? {}).map(({ schema }) => `Body: ${bodyOf(schema)}`);
  const [status, answer] = Object.entries(responses).find(([code]) => code !== 'default') ?? [];
  const types = Object.entries(answer?.content ?? {}).map(([type, { schema }]) => `\`${type}\` (${typeOf(schema)})`);
  return [
    `## \`${call}\``,
    plain(`${summary}. ${description ?? ''}`.trim()),
    lines.join('\n'),
    ...asked,
    `Answers ${status ?? ''}: ${types.join(', ')}.`,
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

function bodyOf(schema: Schema): string {
  return schema.properties ? `an object.\n\n${fieldsOf(schema)}` : `${typeOf(schema)}.`;
}

function fieldsOf({ properties = {}, required = [], ...schema }: Schema): string {
  const fields = Object.entries(properties).map(([name, field]) => lineOf(name, field, required.includes(name)));
  return fields.length > 0 ? fields.join('\n') : `A ${typeOf(schema)}.`;
}

function lineOf(name: string, schema: Schema, required: boolean): string {
  const what = schema.description === undefined ? '' : `: ${plain(schema.description)}`;
  return `- \`${name}\` (${typeOf(schema)}${required ? '' : ', optional'})${what}`;
}

function typeOf({ $ref, type, enum: words, items, anyOf, oneOf, properties }: Schema): string {
  if ($ref !== undefined) return $ref.split('/').at(-1) ?? $ref;
  if (words) return words.map((word) => `\`${String(word)}\``).join(', ');
  const choices = anyOf ?? oneOf;
  if (choices) return choices.map(typeOf).join(' or ');
  if (properties) return `object: ${Object.keys(properties).join(', ')}`;
  if (items) return `list of ${typeOf(items)}`;
  return typeof type === 'string' ? type : (type?.join(' or ') ?? 'anything');
}
