/**
 * What begins so is a formula for a spreadsheet (OWASP, "CSV Injection"): names come from clients of coturn. Also within a
 * name: where commas are for decimals Excel begins a cell at `;`, and LibreOffice does at `;` and tab everywhere.
 */
const BEFORE_FORMULA = /(?=[=+\-@\t\r\n])(?<=^|[;\t\r\n]"*)/g;
/** Quoted, a name stays one cell for LibreOffice. */
const NEEDS_QUOTES = /[",;\t\r\n]/;

export type CsvValue = string | number | boolean | readonly string[];

/** One record of RFC 4180, with its line break. Lists are separated by spaces. */
export function csvLine(values: readonly CsvValue[]): string {
  return `${values.map(fieldOf).join(',')}\r\n`;
}

function fieldOf(value: CsvValue): string {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  const text = typeof value === 'string' ? value : value.join(' ');
  const harmless = text.replaceAll(BEFORE_FORMULA, "'");
  return NEEDS_QUOTES.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
