import * as markdown from 'prettier/plugins/markdown';
import { format } from 'prettier/standalone';

/** Said on top of each generated page. */
export function generated(how: string): string {
  return `<!-- Generated: ${how}. Do not edit. -->`;
}

/** Markdown as `npm run format` leaves it. */
export function formatted(paragraphs: readonly string[]): Promise<string> {
  const style = { printWidth: 120, proseWrap: 'always' } as const;
  return format(paragraphs.join('\n\n'), { ...style, parser: 'markdown', plugins: [markdown] });
}

/** As text, whatever Markdown would make of it; code in backticks stays code, in which a backslash would show. */
export function plain(text: string): string {
  return text.replaceAll(/(`[^`]*`)|[*_<>[\]]/g, (found, code?: string) => code ?? `\\${found}`);
}
