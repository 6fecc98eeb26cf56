import express, { type RequestHandler, type Response } from 'express';
import { z } from 'zod';
import { covers } from '../../../src/config/api-keys';
import { OPERATIONS } from '../../../src/http/openapi-operations';
import type { Operation } from '../../../src/http/openapi-document';
import { UsageFeed } from '../../../src/usage/usage-feed';
import { usageRecord } from '../usage/store-contract';
import { apiKey, bearer } from './api-keys';
import { EventStream } from './event-stream';
import { fleetOf, NODE } from './fleet';
import { ask, closeAll, startServer, type Answer } from './harness';
import { liveSession } from './live-session';
import { usageFile, type UsageFile } from './usage-file';

afterEach(closeAll);

let file: UsageFile;
beforeAll(async () => {
  file = await usageFile(3, (index) => usageRecord(`turn1-1-${index}`));
});
afterAll(() => file.remove());

const session = liveSession('turn1-1-1');

const RELAY = { server: 'turn1', node: NODE, updatedAt: 0 };

/** A server whose every call has something to answer with. */
const start = (feed = new UsageFeed()) =>
  startServer({
    feed,
    usage: file.store,
    fleet: fleetOf(['turn1']),
    assignments: {
      assign: () =>
        Promise.resolve({ kind: 'assigned', relay: RELAY, why: 'It is.', reservedUntil: 0, isShared: true }),
      release: () => Promise.resolve(true),
    },
    sessions: {
      list: () => ({ sessions: [session], next: 1 }),
      find: () => session,
      end: () => Promise.resolve({ allocations: 1, open: [] }),
    },
  });

type Json = Readonly<Record<string, unknown>>;

async function document(): Promise<Json> {
  const answer = await ask(`${(await start()).url()}/openapi.json`);
  expect([answer.status, answer.headers['cache-control']]).toEqual([200, 'no-store']);
  expect(answer.headers['content-type']).toMatch(/^application\/json/);
  return JSON.parse(answer.text) as Json;
}

/** Every value in a tree, with the way to it. */
function* within(value: unknown, path: readonly string[] = []): Generator<{ path: readonly string[]; value: unknown }> {
  yield { path, value };
  if (typeof value !== 'object' || value === null) return;
  for (const [name, child] of Object.entries(value)) yield* within(child, [...path, name]);
}

/** What a `$ref` of this document means; undefined where it means nothing. */
function resolved(root: Json, ref: string): unknown {
  if (!ref.startsWith('#/')) return undefined;
  const names = ref.split('/').slice(1);
  return names.reduce<unknown>((value, name) => (value as Json | undefined)?.[name.replaceAll('~1', '/')], root);
}

describe('the document', () => {
  const httpOperation = z.strictObject({
    summary: z.string().min(1),
    description: z.string().optional(),
    security: z.array(z.record(z.string(), z.array(z.string()))),
    parameters: z.array(
      z.strictObject({
        name: z.string(),
        in: z.enum(['path', 'query']),
        required: z.boolean(),
        description: z.string().optional(),
        style: z.literal('form').optional(),
        explode: z.literal(false).optional(),
        schema: z.looseObject({}),
      }),
    ),
    requestBody: z
      .strictObject({ content: z.record(z.string(), z.strictObject({ schema: z.looseObject({}) })) })
      .optional(),
    responses: z.record(z.string().regex(/^([1-5]\d\d|default)$/), z.looseObject({})),
  });

  test('is OpenAPI 3.1 in its basics', async () => {
    const openapi = z.strictObject({
      openapi: z.literal('3.1.0'),
      info: z.strictObject({
        title: z.literal('turnkeeper'),
        version: z.literal('0.0.0-test'),
        description: z.string(),
      }),
      paths: z.record(z.string().startsWith('/'), z.partialRecord(z.enum(['get', 'post', 'delete']), httpOperation)),
      components: z.strictObject({
        schemas: z.record(z.string().regex(/^[\w.-]+$/), z.looseObject({})),
        securitySchemes: z.record(z.string(), z.looseObject({ type: z.literal('http'), scheme: z.literal('bearer') })),
        responses: z.record(z.string(), z.looseObject({ description: z.string() })),
      }),
    });
    expect(openapi.safeParse(await document()).error?.issues).toBeUndefined();
  });

  test('refers to nothing that is not there, and holds nothing of another dialect', async () => {
    const root = await document();
    const refs = [...within(root)].filter(({ path }) => path.at(-1) === '$ref').map(({ value }) => String(value));
    expect(new Set(refs)).toContain('#/components/schemas/UsageRecord');
    expect(refs.filter((ref) => resolved(root, ref) === undefined)).toEqual([]);
    const names = [...within(root)].map(({ path }) => path.at(-1));
    for (const foreign of ['$schema', '$defs', 'definitions', '~standard']) expect(names).not.toContain(foreign);
  });

  test('describes the parameters of a path, and no parameter twice', async () => {
    for (const { path, value } of within(await document())) {
      if (path[0] !== 'paths' || path.at(-1) !== 'parameters') continue;
      const parameters = value as readonly { name: string; in: string; required: boolean }[];
      const inPath = parameters.filter((parameter) => parameter.in === 'path');
      expect(inPath.map(({ name, required }) => `{${name}} ${String(required)}`)).toEqual(
        (path[1]?.match(/\{\w+\}/g) ?? []).map((name) => `${name} true`),
      );
      expect(new Set(parameters.map(({ name }) => name)).size).toBe(parameters.length);
    }
  });

  test('says of parameters what the requests are checked against', async () => {
    const root = await document();
    const parameters = resolved(root, '#/paths/~1v1~1usage/get/parameters') as readonly Json[];
    const named = Object.fromEntries(parameters.map((parameter) => [String(parameter['name']), parameter]));
    expect(named['groupBy']).toMatchObject({
      required: false,
      style: 'form',
      explode: false,
      schema: { type: 'array', items: { enum: ['user', 'label', 'realm', 'server', 'day'] } },
    });
    expect(named['timeZone']).toMatchObject({ required: false, schema: { type: 'string', default: 'UTC' } });
    expect(named['limit']).toMatchObject({ schema: { type: 'integer', minimum: 1, maximum: 10 ** 9 } });
  });
});

interface Layer {
  readonly route?: { readonly path: string; readonly methods: Readonly<Record<string, boolean>> };
  readonly handle: RequestHandler & { readonly stack?: readonly Layer[] };
}

function routesIn(layers: readonly Layer[]): string[] {
  return layers.flatMap(({ route, handle }) => {
    if (!route) return routesIn(handle.stack ?? []);
    const methods = Object.keys(route.methods).filter((method) => method !== '_all');
    return methods.map((method) => `${method} ${route.path.replaceAll(/:(\w+)/g, '{$1}')}`);
  });
}

/** `get /v1/sessions/{id}` of every route of the app that a server answers with. */
async function routes(): Promise<string[]> {
  const json = jest.spyOn(express.response, 'json');
  try {
    await document();
    const [response] = json.mock.contexts as Response[];
    return routesIn((response?.app.router as unknown as { readonly stack: readonly Layer[] }).stack);
  } finally {
    json.mockRestore();
  }
}

const SCOPES = ['read', 'credentials', 'report', 'admin'] as const;
/** Of requests that make sense. */
const EXAMPLES: Readonly<Record<string, string>> = {
  '/v1/reports': '{"layer":"ice","state":"failed"}',
  '/v1/relays/assign': '{"task":"room 7"}',
  '/-/drain': '{"deadlineSeconds":60}',
};

describe('the operations', () => {
  const nameOf = ({ method, path }: Operation): string => `${method} ${path}`;

  test('are the routes of the app, all of them and no other', async () => {
    expect(OPERATIONS.map(nameOf).sort()).toEqual([...new Set(await routes())].sort());
  });

  const ending = OPERATIONS.filter(({ path }) => path !== '/v1/events');
  test.each(ending.map((operation) => [nameOf(operation), operation] as const))(
    '%s answers what is described',
    async (_name, operation) => {
      const { method, path, status = 200, body } = operation;
      const url = `${(await start()).url()}${path.replace('{id}', 'turn1-1-1')}`;
      const post = { body: EXAMPLES[path] ?? '{"ttl":60}', headers: { 'content-type': 'application/json' } };
      for (const accept of Object.keys(operation.content)) {
        const asked = body ? { ...post, headers: { ...post.headers, accept } } : { headers: { accept } };
        const answer = await ask(url, { method: method.toUpperCase(), ...asked });
        expect(answer.status).toBe(status);
        expectDescribed(operation, answer);
      }
    },
  );

  test.each([
    ['/v1/usage', '/v1/usage?groupBy=user,label,realm,server,day'],
    ['/v1/usage', '/v1/usage?limit=1'],
    ['/', '/?service=turn&username=bob'],
  ])('%s answers %s as it is described', async (path, query) => {
    const operation = OPERATIONS.find((candidate) => candidate.path === path);
    if (operation) expectDescribed(operation, await ask(`${(await start()).url()}${query}`));
    expect(operation).toBeDefined();
  });

  test('get /v1/events answers what is described', async () => {
    const feed = new UsageFeed();
    const stream = await EventStream.open(await start(feed));
    feed.publish({ type: 'session_opened', data: session });
    const operation = OPERATIONS.find(({ path }) => path === '/v1/events');
    const [type, schema] = Object.entries(operation?.content ?? {})[0] ?? [];
    expect(stream.answer.headers['content-type']).toContain(type);
    const [event] = await stream.receive(1);
    expect(schema?.safeParse(JSON.parse(event?.data ?? '')).success).toBe(true);
  });

  test.each(OPERATIONS.map((operation) => [nameOf(operation), operation] as const))(
    '%s needs the key that its description says',
    async (_name, { method, path, scope }) => {
      const keys = SCOPES.map((each) => apiKey(each, each));
      const server = await startServer({ keys, listen: { host: '0.0.0.0', port: 0 } });
      const url = `http://127.0.0.1:${server.address().port}${path.replace('{id}', 'turn1-1-1')}`;
      // An answer without an end has none for HEAD.
      const send = (headers = {}): Promise<Answer> =>
        ask(url, { method: path === '/v1/events' ? 'HEAD' : method.toUpperCase(), headers });
      const refused = [401, 403];
      expect(refused.includes((await send()).status)).toBe(scope !== undefined);
      for (const each of SCOPES) {
        const isRefused = scope !== undefined && !covers(new Set([each]), scope);
        expect([each, refused.includes((await send(bearer(each))).status)]).toEqual([each, isRefused]);
      }
    },
  );
});

/** The type of the answer is one of those described, and all that it holds is in its schema. */
function expectDescribed({ content }: Operation, { headers, text }: Answer): void {
  const type = (headers['content-type'] ?? '').split(';')[0] ?? '';
  expect(Object.keys(content)).toContain(type);
  const schema = content[type];
  if (!schema) return;
  const shown = JSON.parse(text) as unknown;
  // What a schema does not know it leaves out.
  expect(schema.parse(shown)).toEqual(shown);
}
