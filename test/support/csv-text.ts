/** The records of a CSV text, read letter by letter as RFC 4180 has it; throws where it is not whole. */
export function parseCsv(text: string): string[][] {
  const records: string[][] = [];
  let record: string[] = [];
  for (let at = 0; at < text.length;) {
    const { value, end } = text[at] === '"' ? quotedField(text, at + 1) : plainField(text, at);
    record.push(value);
    if (text.startsWith('\r\n', end)) {
      records.push(record);
      record = [];
      at = end + 2;
    } else if (text[end] === ',') at = end + 1;
    else throw new Error(`no separator at ${end}: ${text.slice(end, end + 20)}`);
  }
  if (record.length > 0) throw new Error('the last record has no end');
  return records;
}

interface Field {
  readonly value: string;
  /** What comes after it. */
  readonly end: number;
}

function plainField(text: string, start: number): Field {
  let end = start;
  while (end < text.length && !',\r\n"'.includes(text.charAt(end))) end++;
  return { value: text.slice(start, end), end };
}

function quotedField(text: string, start: number): Field {
  let value = '';
  for (let at = start; at < text.length; at++) {
    if (text[at] !== '"') value += text.charAt(at);
    else if (text[at + 1] === '"') value += text.charAt(at++);
    else return { value, end: at + 1 };
  }
  throw new Error(`a quoted field that begins at ${start} has no end`);
}
