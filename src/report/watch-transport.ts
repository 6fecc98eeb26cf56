import type { Report, ScoreReport, StateReport } from './report';

/** What is needed of an EventEmitter; mediasoup's types name the events and listeners of each, so that none fits `string`. */
export interface Emitter {
  on(event: never, listener: never): unknown;
}

/** What is needed of a WebRtcTransport of mediasoup 3. */
export interface WatchedTransport extends Emitter {
  readonly id: string;
  readonly iceState: string;
  readonly dtlsState: string;
  readonly sctpState?: string | undefined;
  /** `role` is `auto` until the client's own parameters came with `connect()`. */
  readonly dtlsParameters: { readonly role?: string | undefined };
  readonly observer: Emitter;
}

/** Whose transport it is. */
export interface About {
  /** The user name of the TURN credential that the client was given, or the user alone. */
  readonly user?: string | undefined;
}

/** Takes what a transport says. */
export interface Ear {
  state(report: StateReport): void;
  /** `stream` is what the score is of: of several, the last one counts. */
  score(stream: object, report: ScoreReport): void;
}

const OUTCOMES: ReadonlySet<string> = new Set(['connected', 'completed', 'disconnected', 'failed']);
/** What the agent takes. */
const MAX_USER = 1024;

/** Tells of a transport's states from now on, and of those that it is in. */
export function watchTransport(transport: WatchedTransport, about: About, ear: Ear): void {
  const whose = { id: transport.id, ...userOf(about) };
  let iceCameAbout = false;
  const tell = (layer: StateReport['layer'], state: string | undefined): void => {
    if (state === undefined || !isOutcome(state)) return;
    if (layer === 'ice') iceCameAbout = true;
    ear.state({ layer, state, ...whose });
  };
  const { iceState, dtlsState, sctpState } = transport;
  for (const [layer, now] of [
    ['ice', iceState],
    ['dtls', dtlsState],
    ['sctp', sctpState],
  ] as const) {
    tell(layer, now);
    listen(transport, `${layer}statechange`, (state: string) => {
      tell(layer, state);
    });
  }
  // mediasoup is ICE Lite, which waits for the client's checks and never fails: it has no such state (RFC 8445 section 2.5).
  listen(transport.observer, 'close', () => {
    const { role = 'auto' } = transport.dtlsParameters;
    if (!iceCameAbout && role !== 'auto') ear.state({ layer: 'ice', state: 'failed', ...whose });
  });
  watchScores(transport.observer, ear);
}

/** `newproducer` and `newconsumer` of a transport's observer; `score` of a producer gives one for each encoding. */
function watchScores(observer: Emitter, ear: Ear): void {
  const tell = (stream: object, of: ScoreReport['of'], score: number): void => {
    if (score >= 0 && score <= 10) ear.score(stream, { layer: 'media', of, score });
  };
  listen(observer, 'newproducer', (producer: Emitter) => {
    listen(producer, 'score', (encodings: readonly { readonly score: number }[]) => {
      tell(producer, 'producer', Math.max(0, ...encodings.map(({ score }) => score)));
    });
  });
  listen(observer, 'newconsumer', (consumer: Emitter) => {
    listen(consumer, 'score', ({ score }: { readonly score: number }) => {
      tell(consumer, 'consumer', score);
    });
  });
}

function listen(emitter: Emitter, event: string, listener: (...args: never[]) => void): void {
  const untyped: { on(event: string, listener: (...args: never[]) => void): unknown } = emitter;
  untyped.on(event, listener);
}

function isOutcome(state: string): state is Extract<Report, StateReport>['state'] {
  return OUTCOMES.has(state);
}

function userOf({ user }: About): { readonly user?: string } {
  const isUsable = user !== undefined && user.length <= MAX_USER && !user.includes('\0');
  return isUsable ? { user } : {};
}
