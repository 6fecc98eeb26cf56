import { ReportQueue } from './queue';
import type { Report, ScoreReport } from './report';
import { send, type Sent, type Target } from './send';
import { watchTransport, type About, type WatchedTransport } from './watch-transport';

export interface ReporterOptions {
  /** Of the agent: `https://turn1.example.org:9642`. */
  readonly url: string;
  /** With the scope `report`; none is needed for an agent on the same machine that has no keys. */
  readonly key?: string;
  /** How long reports wait for others to go with, milliseconds. 2000 unless given. */
  readonly intervalMs?: number;
  /** How many may wait; those beyond are dropped. 1000 unless given. */
  readonly maxWaiting?: number;
  /** How long a request may take, milliseconds. 5000 unless given. */
  readonly timeoutMs?: number;
  /** Told in a sentence when reports begin to be lost or to wait, and not again until one arrived. */
  readonly onProblem?: (why: string) => void;
}

/** Tells an agent of connections, at most once each: what may have arrived is not sent again. */
export interface Reporter {
  /** Reports the states of a mediasoup WebRtcTransport, and the scores of its producers and consumers to come. */
  watch(transport: WatchedTransport, about?: About): void;
  report(report: Report): void;
  /** How many reports were lost. */
  readonly dropped: number;
  /** Sends what waits; takes twice `timeoutMs` at most. What comes afterwards is dropped. */
  close(): Promise<void>;
}

/** Throws a TypeError for a URL or key that can't be used. Nothing that it gives throws, rejects or keeps the process alive. */
export function createReporter(options: ReporterOptions): Reporter {
  return new BatchingReporter(options, targetOf(options));
}

class BatchingReporter implements Reporter {
  dropped = 0;
  private readonly queue: ReportQueue;
  private readonly intervalMs: number;
  private readonly timeoutMs: number;
  /** The newest score of each stream, until the next batch: they change all the time. */
  private readonly scores = new Map<object, ScoreReport>();
  private readonly maxWaiting: number;
  private timer: NodeJS.Timeout | undefined;
  private sending: Promise<void> | undefined;
  private isClosed = false;
  private hasProblem = false;

  constructor(
    private readonly options: ReporterOptions,
    private readonly target: Target,
  ) {
    ({ intervalMs: this.intervalMs = 2000, timeoutMs: this.timeoutMs = 5000 } = options);
    this.maxWaiting = options.maxWaiting ?? 1000;
    this.queue = new ReportQueue(this.maxWaiting);
  }

  watch(transport: WatchedTransport, about: About = {}): void {
    watchTransport(transport, about, {
      state: (report) => {
        this.report(report);
      },
      score: (stream, report) => {
        this.noteScore(stream, report);
      },
    });
  }

  report(report: Report): void {
    if (this.isClosed || !this.queue.add(report)) this.dropped++;
    else this.schedule(this.intervalMs);
  }

  async close(): Promise<void> {
    this.isClosed = true;
    clearTimeout(this.timer);
    await this.sending;
    await this.sendAll(AbortSignal.timeout(this.timeoutMs));
    this.dropped += this.queue.size;
    this.queue.remove(this.queue.size);
  }

  private noteScore(stream: object, report: ScoreReport): void {
    const isNew = !this.scores.has(stream);
    if (this.isClosed || (isNew && this.scores.size >= this.maxWaiting)) {
      this.dropped++;
      return;
    }
    this.scores.set(stream, report);
    this.schedule(this.intervalMs);
  }

  private schedule(afterMs: number): void {
    if (this.timer !== undefined || this.sending || this.isClosed) return;
    this.timer = setTimeout(() => {
      this.timer = undefined;
      this.sending = this.sendOnTime();
    }, afterMs).unref();
  }

  private async sendOnTime(): Promise<void> {
    const waitMs = await this.sendAll();
    this.sending = undefined;
    if (this.queue.size + this.scores.size > 0) this.schedule(Math.max(this.intervalMs, waitMs));
  }

  /** Sends batches until one is not taken. Gives how long the agent asks to wait, milliseconds. */
  private async sendAll(deadline?: AbortSignal): Promise<number> {
    for (const score of this.scores.values()) if (!this.queue.add(score)) this.dropped++;
    this.scores.clear();
    for (let batch = this.queue.batch(); batch.length > 0; batch = this.queue.batch()) {
      const timeout = AbortSignal.timeout(this.timeoutMs);
      const sent = await send(this.target, batch, deadline ? AbortSignal.any([deadline, timeout]) : timeout);
      if (sent.kind !== 'later') this.queue.remove(batch.length);
      if (sent.kind === 'lost') this.dropped += batch.length;
      this.noteProblem(sent);
      if (sent.kind !== 'taken') return sent.kind === 'later' ? sent.afterMs : 0;
    }
    return 0;
  }

  private noteProblem(sent: Sent): void {
    const isNew = sent.kind !== 'taken' && !this.hasProblem;
    this.hasProblem = sent.kind !== 'taken';
    if (!isNew) return;
    try {
      this.options.onProblem?.(sent.why);
    } catch {
      // Its own failure is the caller's: reports go on.
    }
  }
}

/** No message shows the key. */
function targetOf({ url, key }: ReporterOptions): Target {
  const base = URL.canParse(url) ? new URL(url) : undefined;
  if (!base || !/^https?:$/.test(base.protocol) || base.username !== '' || base.password !== '')
    throw new TypeError(
      'url must be an http or https address without a password, such as https://turn1.example.org:9642',
    );
  if (key !== undefined && !/^[!-~]{1,512}$/.test(key))
    throw new TypeError('key must be printable ASCII without spaces, up to 512 characters');
  return { url: new URL('/v1/reports', base).href, key };
}
