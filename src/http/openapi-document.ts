import { z } from 'zod';
import { errorAnswer } from './answer-schema';
import type { Scope } from '../config/api-keys';

/** What a route answers: a media type and what comes in it; a text has no schema. */
type Content = Readonly<Record<string, z.ZodType | undefined>>;

/** One call of the API, for its description. */
export interface Operation {
  readonly method: 'get' | 'post' | 'delete';
  /** Parameters in braces: `/v1/sessions/{id}`. */
  readonly path: string;
  readonly summary: string;
  /** Of the key that it needs; undefined where it needs none. */
  readonly scope?: Scope;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodType;
  /** 200 where it is not said. */
  readonly status?: number;
  readonly content: Content;
}

type Json = Readonly<Record<string, unknown>>;
type Components = Record<string, unknown>;

const SECURITY = {
  key: {
    type: 'http',
    scheme: 'bearer',
    description:
      'An API key, `Authorization: Bearer <key>`. Each has scopes: `credentials` makes credentials, `read` looks at ' +
      'sessions and usage, `report` tells of calls (as `credentials` may too), `admin` may do all that and ends sessions.',
  },
};

/** An OpenAPI 3.1 description: the schemas are those that check the requests. */
export function openApiDocument(operations: readonly Operation[], version: string): Json {
  const components: Components = {};
  const paths: Record<string, Record<string, Json>> = {};
  for (const operation of operations) {
    const path = (paths[operation.path] ??= {});
    path[operation.method] = describe(operation, components);
  }
  const error = schemaOf(errorAnswer, 'input', components);
  const document = {
    openapi: '3.1.0',
    info: { title: 'turnkeeper', version, description: 'Measures and runs one coturn TURN server.' },
    paths,
    components: {
      schemas: components,
      securitySchemes: SECURITY,
      responses: { Error: { description: 'Why not.', content: { 'application/json': { schema: error } } } },
    },
  };
  // zod refers to what stands beside a schema; here they all share one place.
  const text = JSON.stringify(document).replaceAll('"#/$defs/', '"#/components/schemas/');
  return JSON.parse(text) as Json;
}

function describe(operation: Operation, components: Components): Json {
  const { path, summary, scope, query, body, status = 200, content } = operation;
  return {
    summary,
    ...(scope === undefined
      ? { security: [] }
      : { description: `Needs a key with the scope \`${scope}\`.`, security: [{ key: [scope] }] }),
    parameters: [...pathParameters(path), ...(query ? queryParameters(query, components) : [])],
    ...(body && { requestBody: { content: { 'application/json': { schema: schemaOf(body, 'input', components) } } } }),
    responses: {
      [status]: { description: 'Done.', content: contentOf(content, components) },
      default: { $ref: '#/components/responses/Error' },
    },
  };
}

function pathParameters(path: string): Json[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
}

/** What a parameter means once it is read (`output`): a list is written with commas, which is `explode: false`. */
function queryParameters(query: z.ZodObject, components: Components): Json[] {
  return Object.entries(query.shape as Record<string, z.ZodType>).map(([name, schema]) => {
    const { description, ...rest } = schemaOf(schema, 'output', components);
    const isRequired = !schema.safeParse(undefined).success;
    return {
      name,
      in: 'query',
      required: isRequired,
      ...(description === undefined ? {} : { description }),
      ...(rest['type'] === 'array' && { style: 'form', explode: false }),
      schema: rest,
    };
  });
}

function contentOf(content: Content, components: Components): Json {
  const entries = Object.entries(content).map(([type, schema]) => [
    type,
    { schema: schema ? schemaOf(schema, 'input', components) : { type: 'string' } },
  ]);
  return Object.fromEntries(entries) as Json;
}

/** Named schemas go to the components. */
function schemaOf(schema: z.ZodType, io: 'input' | 'output', components: Components): Json {
  const { $schema: _dialect, $defs, ...rest } = z.toJSONSchema(schema, { io, override: simplify });
  Object.assign(components, $defs);
  return rest;
}

/** `readOnly` is of TypeScript here; the patterns of dates say no more than their format. */
function simplify({ jsonSchema }: { jsonSchema: z.core.JSONSchema.BaseSchema }): void {
  delete jsonSchema.readOnly;
  if (jsonSchema.format !== undefined) delete jsonSchema.pattern;
}
