import { start, type REPLServer } from 'node:repl';
import { Duplex } from 'node:stream';

/** As long as licode waits after the last output (`rpcDuplexStream.js`). */
const QUIET_MS = 10;

/** A real REPL of Node.js, typed into and read as licode does: an answer is what was printed until it is quiet for a while. */
export class RovRepl {
  private readonly waiting: ((text: string) => void)[] = [];
  private readonly stream: Duplex;
  private readonly server: REPLServer;
  private printed = '';
  private quiet: NodeJS.Timeout | undefined;

  constructor(context: object) {
    this.stream = new Duplex({
      read: () => undefined,
      write: (chunk: Buffer, _encoding, done) => {
        this.print(chunk.toString());
        done();
      },
    });
    this.server = start({ prompt: '', ignoreUndefined: true, input: this.stream, output: this.stream });
    Object.defineProperty(this.server.context, 'context', { enumerable: true, value: context });
  }

  /** What is never printed is never answered; the command asked last gets the first answer. */
  type(command: string, answer: (text: string) => void): void {
    this.waiting.push(answer);
    this.stream.push(`${command}\n`);
  }

  /** What was printed just before is answered still, as licode's is. */
  close(): void {
    this.server.close();
  }

  private print(text: string): void {
    this.printed += text;
    clearTimeout(this.quiet);
    this.quiet = setTimeout(() => {
      this.waiting.pop()?.(this.printed);
      this.printed = '';
    }, QUIET_MS);
  }
}
