/** Kept in the data directory, 0600, made at the first start unless the configuration gives them. Never logged. */
export interface Secrets {
  /** coturn says it to the statsdb endpoint. */
  readonly statsdbPassword: string;
  /** The agent says it to coturn's telnet admin interface. */
  readonly cliPassword: string;
  /** coturn's `static-auth-secret`; REST credentials are made with it. */
  readonly authSecret: string;
}
