/** The kinds that are asked, in the order in which one kind names the next. `process`: licode's erizoJS. */
export type Kind = 'controller' | 'agent' | 'process';

/** More components of a kind are not asked. */
const MAX_COMPONENTS = 2000;

/** Each once. `surplus`: how many more there are. */
export function bounded(names: readonly string[]): { names: readonly string[]; surplus: number } {
  const unique = [...new Set(names)];
  return { names: unique.slice(0, MAX_COMPONENTS), surplus: Math.max(0, unique.length - MAX_COMPONENTS) };
}

/**
 * Names of components that an answer lists, on the exchange; undefined stands for each that can't be one. What is sent goes
 * to components of the right kind alone: no answer can name another queue.
 */
export type Listed = readonly (string | undefined)[];

/** nuve's list (`nuveAPI/cloudHandler.js`): documents of MongoDB, whose `_id` is a text once it is JSON. */
export function controllersIn(answer: unknown): Listed | undefined {
  return rowsOf(answer)?.map((row) => nameFrom('erizoController_', row['_id']));
}

/** A controller's list (`erizoController/ecCloudHandler.js`): `{<id>: {info: {id, rpc_id}, stats, ...}}`. */
export function agentsIn(answer: unknown): Listed | undefined {
  if (!isObject(answer) || Array.isArray(answer)) return undefined;
  return Object.values(answer).map((agent) => agentName(isObject(agent) ? agent['info'] : undefined));
}

/** An agent's list (`erizoAgent/erizoList.js`): `[{id, idle, started, position, processId}]`. */
export function processesIn(answer: unknown): Listed | undefined {
  return rowsOf(answer)
    ?.filter(isStarted)
    .map((row) => nameFrom('ErizoJS_', row['id']));
}

/** How many of an agent's processes have work. */
export function busyProcesses(answer: unknown): number | undefined {
  return rowsOf(answer)?.filter((row) => isStarted(row) && row['idle'] !== true).length;
}

type Row = Record<string, unknown>;

function isStarted(row: Row): boolean {
  return row['started'] !== false;
}

function agentName(info: unknown): string | undefined {
  const name = isObject(info) ? info['rpc_id'] : undefined;
  const prefix = 'ErizoAgent_';
  return typeof name === 'string' && name.startsWith(prefix) ? nameFrom(prefix, name.slice(prefix.length)) : undefined;
}

function nameFrom(prefix: string, id: unknown): string | undefined {
  return typeof id === 'string' && /^[\w.-]{1,128}$/.test(id) ? prefix + id : undefined;
}

function rowsOf(answer: unknown): readonly Row[] | undefined {
  return Array.isArray(answer) ? answer.map((row: unknown) => (isObject(row) ? row : {})) : undefined;
}

function isObject(value: unknown): value is Row {
  return typeof value === 'object' && value !== null;
}
