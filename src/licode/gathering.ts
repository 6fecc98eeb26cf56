import { combine, type GaugeValues } from './combine';
import { bounded, controllersIn, type Kind, type Listed } from './components';
import type { FailureTally } from './failure-tally';
import type { Flavour, Level } from './flavour';
import { inParallel } from './in-parallel';
import { readAnswer, type Question, type Reading } from './question';
import type { Rejections } from './rejections';
import { TIMEOUT_MS, type RovSession, type RovSessions } from './rov-sessions';
import type { RpcClient } from './rpc-client';
import { NUVE } from './wire';

export interface GatheringDeps {
  readonly rpc: RpcClient;
  readonly sessions: RovSessions;
  readonly failures: FailureTally;
  readonly rejections: Rejections;
  /** Aborts: nothing more is asked, what is open is closed. */
  readonly signal: AbortSignal;
}

/** How many components of a kind answered every question, and how many did not. */
type ComponentCounts = ReadonlyMap<Kind, { readonly answered: number; readonly unanswered: number }>;

/** What one round of questions gave. */
export interface Gathering {
  readonly values: GaugeValues;
  readonly components: ComponentCounts;
}

/** How many components are asked at a time. */
const MAX_AT_ONCE = 32;

/** What a component said, by question. */
type Readings = readonly (Reading | undefined)[];

/** Asks every component once; undefined when nuve did not say which controllers there are. Never rejects. */
export async function gather(flavour: Flavour, deps: GatheringDeps): Promise<Gathering | undefined> {
  await inParallel(deps.sessions.left, MAX_AT_ONCE, (session) => deps.sessions.close(deps.rpc, session));
  let named = await askNuve(deps);
  if (!named) return undefined;
  const values = new Map<string, number | undefined>();
  const components = new Map<Kind, { answered: number; unanswered: number }>();
  for (const level of flavour) {
    const visits = await visitAll(level, named, deps);
    for (const [name, value] of valuesOf(level, visits)) values.set(name, value);
    components.set(level.kind, countAnswers(visits ?? []));
    named = namedBy(level, visits, deps);
  }
  return { values, components };
}

async function askNuve(deps: GatheringDeps): Promise<readonly string[] | undefined> {
  const outcome = await deps.rpc.call({ to: NUVE, method: 'getErizoControllers', args: [] }, { timeoutMs: TIMEOUT_MS });
  if (outcome.kind !== 'answer') return undefined;
  const listed = controllersIn(outcome.data);
  if (!listed) deps.rejections.unexpected++;
  return listed && accepted(listed, deps);
}

/** Everybody of a level; undefined when nobody said who they are. */
async function visitAll(
  level: Level,
  names: readonly string[] | undefined,
  deps: GatheringDeps,
): Promise<readonly Readings[] | undefined> {
  return names && inParallel(names, MAX_AT_ONCE, (name) => visit(name, level, deps));
}

/** Opens a session, asks one question after the other until one is not answered, and closes it. */
async function visit(name: string, { questions }: Level, deps: GatheringDeps): Promise<Readings> {
  const { rpc, sessions, signal } = deps;
  const readings = questions.map((): Reading | undefined => undefined);
  const session = signal.aborted ? undefined : await sessions.openIn(rpc, name);
  if (!session) return readings;
  for (const [i, question] of questions.entries()) {
    const outcome = signal.aborted ? undefined : await ask(session, question, deps);
    if (!outcome) break;
    readings[i] = outcome.reading;
  }
  await sessions.close(rpc, session);
  return readings;
}

async function ask(
  session: RovSession,
  question: Question,
  deps: GatheringDeps,
): Promise<{ reading: Reading | undefined } | undefined> {
  const { rpc, sessions } = deps;
  const counts = question.gauges.some(({ layer }) => layer !== undefined);
  const onLate = (data: unknown): void => void read(question, data, deps);
  const answer = await sessions.ask(rpc, session, question.text, counts ? onLate : undefined);
  return answer && { reading: read(question, answer.data, deps) };
}

function read(question: Question, data: unknown, { failures, rejections }: GatheringDeps): Reading | undefined {
  const reading = readAnswer(question, data);
  if (reading) failures.add(question, reading);
  else rejections.unexpected++;
  return reading;
}

function valuesOf({ questions }: Level, visits: readonly Readings[] | undefined): [string, number | undefined][] {
  // Somebody may be there whom nobody named, and did not answer.
  const asked = visits ?? [[]];
  return questions.flatMap((question, i) => [
    ...combine(
      question,
      asked.map((readings) => readings[i]),
    ),
  ]);
}

function countAnswers(visits: readonly Readings[]): { answered: number; unanswered: number } {
  const answered = visits.filter((readings) => !readings.includes(undefined)).length;
  return { answered, unanswered: visits.length - answered };
}

/** The components of the next level; undefined when all who should name them failed to. */
function namedBy(
  { questions }: Level,
  visits: readonly Readings[] | undefined,
  deps: GatheringDeps,
): readonly string[] | undefined {
  if (!visits) return undefined;
  const listing = questions.findIndex(({ lists }) => lists !== undefined);
  const told = visits.map((readings) => readings[listing]).filter((reading) => reading !== undefined);
  if (told.length === 0 && visits.length > 0) return undefined;
  return accepted(
    told.flatMap(({ listed }) => listed),
    deps,
  );
}

/** Each name once; those that are none, and those beyond what is asked, are counted. */
function accepted(listed: Listed, { rejections }: GatheringDeps): readonly string[] {
  const good = listed.filter((name) => name !== undefined);
  const { names, surplus } = bounded(good);
  rejections.unexpected += listed.length - good.length;
  rejections.too_many += surplus;
  return names;
}
