import { join } from 'node:path';
import type { CoturnServer } from '../coturn/server';
import { Drain, type DrainOptions } from '../drain/drain';
import { DrainFile } from '../drain/drain-file';
import { drainedRelay } from '../drain/drained-relay';
import type { Context } from './context';
import { isOwnOrigin } from './coturn';
import type { State } from './state';

export function createDrain(
  { config, bootId, clock, logger }: Context,
  { relay, statsdb }: State,
  coturn: CoturnServer,
  registry: DrainOptions['registry'],
): Drain {
  const isOwn = config.coturn.supervise;
  return new Drain({
    relay: drainedRelay({ relay, coturn, isOwn, isOwnOrigin: isOwnOrigin(coturn, statsdb) }),
    file: new DrainFile(join(config.dataDir, 'drain.json'), bootId),
    registry,
    deadlineSeconds: config.drain.deadline,
    clock,
    logger,
  });
}
