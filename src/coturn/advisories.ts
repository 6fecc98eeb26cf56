/** Why this version of coturn is a risk beside the agent, as a sentence; undefined where no reason is known. */
export function advisoryFor(version: string): string | undefined {
  const [major, minor] = numbersOf(version);
  if (major === undefined || minor === undefined || major > 4 || (major === 4 && minor >= 13)) return undefined;
  return (
    `coturn ${version} can be crashed by anyone who can reach it, through the user name that it puts into its ` +
    'messages to the stats connection (GHSA-4g7c-p5wg-j4hp; fixed in 4.13): it is started again at once, but calls ' +
    'are cut. Use a newer coturn (coturn.binary), or admit known clients only.'
  );
}

function numbersOf(version: string): number[] {
  const match = /^(\d+)\.(\d+)/.exec(version);
  return match ? match.slice(1).map(Number) : [];
}
