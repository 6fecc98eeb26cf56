import { stat } from 'node:fs/promises';
import type { Clock } from '../lib/clock';
import { messageOf, systemCode } from '../lib/errors';
import type { Logger } from '../lib/logger';
import { loadWebConfig, NO_WEB_CONFIG, type WebConfig } from './load';

/** How long a renewed certificate or a new password may wait, milliseconds. */
const CHECK_EVERY_MS = 5000;

/**
 * The web configuration as its files have it now. Certificates, users and headers change while the server runs; TLS
 * itself, the request for client certificates and the rate limit need a restart.
 */
export class LiveWebConfig {
  private config = NO_WEB_CONFIG;
  private fingerprint = '';
  private lastFailure: string | undefined;
  /** Called with each new configuration. */
  onChange: (config: WebConfig) => void = () => undefined;

  constructor(
    private readonly path: string | undefined,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  get current(): WebConfig {
    return this.config;
  }

  /** Throws `bad_config`. */
  async load(): Promise<WebConfig> {
    if (this.path === undefined) return this.config;
    this.config = await loadWebConfig(this.path);
    this.fingerprint = await fingerprintOf(this.config.files);
    return this.config;
  }

  /** Reads the files again when they change, until the signal aborts. */
  watch(signal: AbortSignal): void {
    if (this.path === undefined) return;
    const { path } = this;
    this.clock.every(
      CHECK_EVERY_MS,
      () => this.check(path),
      signal,
      (error) => {
        this.warnOnce(messageOf(error));
      },
    );
  }

  private async check(path: string): Promise<void> {
    const now = await fingerprintOf(this.config.files);
    // After a failure a file that this fingerprint does not know yet may be what is missing: try each time.
    if (now === this.fingerprint && this.lastFailure === undefined) return;
    const next = await loadWebConfig(path);
    if (needsRestart(this.config, next)) {
      this.warnOnce('turning TLS or client certificates on or off needs a restart');
      return;
    }
    this.config = next;
    this.fingerprint = now;
    this.lastFailure = undefined;
    this.onChange(next);
    this.logger.info({ path }, 'the web configuration was read again');
  }

  /** Files that can't be used leave everything as it was. */
  private warnOnce(reason: string): void {
    if (reason === this.lastFailure) return;
    this.lastFailure = reason;
    this.logger.warn({ path: this.path, reason }, 'the changed web configuration is not used; the one before stays');
  }
}

function needsRestart(before: WebConfig, after: WebConfig): boolean {
  const asks = ({ tls }: WebConfig): boolean => tls !== undefined && tls.clientAuth !== 'NoClientCert';
  return (before.tls === undefined) !== (after.tls === undefined) || asks(before) !== asks(after);
}

/** Changes with the content, a rename over it, and the switch of a symbolic link (Kubernetes' secrets). */
async function fingerprintOf(files: readonly string[]): Promise<string> {
  const parts = await Promise.all(
    files.map((file) =>
      stat(file).then(
        ({ ino, size, mtimeMs }) => `${ino} ${size} ${mtimeMs}`,
        (error: unknown) => systemCode(error) ?? 'unreadable',
      ),
    ),
  );
  return parts.join('\n');
}
