import type { Credential } from './agent';
import { startProgram, type Program } from './program';

/** A real libwebrtc call over relayed candidates alone; resolves with the bytes that arrived, when it has ended. */
export async function relayedCall(iceServers: Credential['iceServers'], bytes: number): Promise<number> {
  const program = await startProgram('webrtc-call.ts', JSON.stringify({ iceServers, bytes }));
  return Number(program.said);
}

/** ICE fails within 20 s. In one call of a dozen on a busy machine libwebrtc leaves it `checking` for ever: another is tried. */
const FAILING_MS = 30_000;
const CALLS = 5;

/** How long `failingCall` may take, ms. */
export const FAILING_CALL_MS = CALLS * FAILING_MS;

/** A call of test/fixtures/programs/reported-call.ts that is to fail, and reports nothing before it has. */
export async function failingCall(call: object, withinMs = FAILING_MS): Promise<Program> {
  for (let tries = 1; ; tries++) {
    try {
      return await startProgram('reported-call.ts', JSON.stringify(call), withinMs);
    } catch (error) {
      if (tries === CALLS) throw error;
    }
  }
}
