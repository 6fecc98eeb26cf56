import type { Strategy } from '../../config/assign';
import type { Wishes } from './choose';
import type { Preferred } from './preference';

const HOW: Readonly<Record<Strategy, string>> = {
  'least-used': 'the least used',
  'most-used': 'the most used',
  'last-used': 'the one used last, while it will do,',
  'round-robin': 'the next',
  random: 'one at random',
  weighted: 'by its share of the free capacity, one',
};

/** Why this relay: where it is, and how it was chosen among how many. */
export function whyChosen(best: Preferred, { region, strategy }: Pick<Wishes, 'region' | 'strategy'>): string {
  const { length } = best.candidates;
  const among = length === 1 ? 'the only one that will do' : `${HOW[strategy]} of ${length} that will do`;
  return `${placeOf(best, region)}${among}.`;
}

function placeOf(best: Preferred, wanted: string | undefined): string {
  switch (best.by) {
    case 'region':
      return `In region ${best.region}, `;
    case 'nearest':
      return `In region ${best.region}, nearest to ${wanted ?? ''} at ${best.ms.toFixed(1)} ms, since none there will do: `;
    case 'any':
      return wanted === undefined
        ? 'In any region, '
        : `None in region ${wanted} will do, nor is it known what is near: `;
  }
}
