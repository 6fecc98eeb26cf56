/** How a shell asks for a credential; beyond loopback it shows a key, which the variable of the command line holds. */
export function credentialCall(url: string, needsKey: boolean): string {
  const key = needsKey ? ' -H "Authorization: Bearer $TURNKEEPER_KEY"' : '';
  return `curl -s -X POST${key} ${url}/v1/credentials`;
}
