/** The stats source, as far as lives of the agent's own coturn are concerned. */
export interface OwnOrigins {
  originOf(lifeNumber: number): number;
  lifeOfOrigin(origin: number): number | undefined;
  /** Whether anything that this life tells is heard. */
  isConnected(lifeNumber: number): boolean;
  /** Every other life is over. */
  onlyLife(lifeNumber: number): void;
}
