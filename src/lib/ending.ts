/** How a person or a service manager ends the agent. */
export type Ending = 'stop' | 'release';

const ENDINGS = { SIGINT: 'stop', SIGTERM: 'stop', SIGHUP: 'stop', SIGUSR2: 'release' } as const;
type Signal = keyof typeof ENDINGS;

/** The process that is told; a part of Node.js' own. */
export interface Told {
  on(signal: Signal, listener: () => void): unknown;
  exit(status: number): void;
}

/** Resolves at the first signal; a second one exits at once, with `status`, whatever is still under way. */
export function toldToEnd(told: Told, status = 1): Promise<Ending> {
  return new Promise((resolve) => {
    let ending = false;
    for (const signal of Object.keys(ENDINGS) as Signal[]) {
      told.on(signal, () => {
        if (ending) told.exit(status);
        ending = true;
        resolve(ENDINGS[signal]);
      });
    }
  });
}
