import { COLUMNS } from '../usage-columns';
import { ROWS } from './postgres-schema';

const names = COLUMNS.join(', ');
const changed = COLUMNS.map((column) => `${column} = excluded.${column}`).join(', ');

/** What is asked of `turnkeeper_agent` and `turnkeeper_open`. */
export const OPEN = {
  beat: `UPDATE turnkeeper_agent SET server = $2, registry_id = $3, beat = DEFAULT, beat_at = now() WHERE agent = $1`,

  introduce: `INSERT INTO turnkeeper_agent (agent, server, registry_id) VALUES ($1, $2, $3)`,

  /** Its open sessions go with it. */
  dropFormer: `DELETE FROM turnkeeper_agent WHERE server = $2 AND registry_id = $3 AND agent <> $1`,

  beats: `SELECT agent, server, registry_id, beat FROM turnkeeper_agent`,

  publish: `INSERT INTO turnkeeper_open (${names}, agent)
    SELECT soFar.*, $${COLUMNS.length + 1} FROM (${ROWS}) AS soFar (${names})
    WHERE NOT EXISTS (SELECT FROM turnkeeper_usage AS own WHERE own.id = soFar.id AND own.settled_by IS NULL)
    ON CONFLICT (id) DO UPDATE SET ${changed}, updated_at = now()`,

  lockSilent: `SELECT FROM turnkeeper_agent WHERE agent = $1 AND beat = $2 FOR UPDATE`,

  someOf: `SELECT id FROM turnkeeper_open WHERE agent = $1 LIMIT $2`,

  settle: `INSERT INTO turnkeeper_usage (${names}, settled_by)
    SELECT ${names}, $2 FROM turnkeeper_open WHERE id = ANY($1)
    ON CONFLICT (id) DO NOTHING`,

  forget: `DELETE FROM turnkeeper_agent WHERE agent = $1`,

  leave: `DELETE FROM turnkeeper_agent
    WHERE agent = $1 AND NOT EXISTS (SELECT FROM turnkeeper_open AS open WHERE open.agent = $1)`,
} as const;
