/** What the `coturn` part of the configuration tells; durations in seconds. */
export interface CoturnSettings {
  readonly supervise: boolean;
  /** A path, or a name that is looked up in PATH. */
  readonly binary: string;
  readonly realm: string;
  readonly listeningIp: readonly string[];
  readonly listeningPort: number;
  readonly tlsListeningPort: number;
  readonly relayIp: readonly string[];
  readonly externalIp?: string | undefined;
  readonly minPort: number;
  readonly maxPort: number;
  readonly cert?: string | undefined;
  readonly pkey?: string | undefined;
  readonly allowLoopbackPeers?: boolean | undefined;
  readonly cliPort: number;
  readonly metricsPort: number;
  readonly stopTimeout: number;
  readonly unresponsiveAfter: number;
  readonly log: { readonly maxMegabytes: number; readonly keep: number };
  readonly extra: ExtraOptions;
}

type ExtraValue = string | number | boolean | readonly (string | number)[];
/** Further turnserver.conf keys. true: the key alone; an array: one line each. */
export type ExtraOptions = Readonly<Record<string, ExtraValue>>;
