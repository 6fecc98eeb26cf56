import type { Credential } from './agent';
import { startProgram } from './program';

/** A real libwebrtc call over relayed candidates alone; resolves with the bytes that arrived, when it has ended. */
export async function relayedCall(iceServers: Credential['iceServers'], bytes: number): Promise<number> {
  const program = await startProgram('webrtc-call.ts', JSON.stringify({ iceServers, bytes }));
  return Number(program.said);
}
