const BYTE_UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB', 'EB'];
const DAY = 86_400;

/** `999 B`, `1.2 kB`, `45.7 MB`: steps of 1000, as networks count. */
export function bytes(count: number): string {
  let value = count;
  let unit = 0;
  // 999.95 would be shown as 1000.0.
  while (value >= (unit === 0 ? 1000 : 999.95) && unit < BYTE_UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${BYTE_UNITS[unit] ?? ''}`;
}

/** `1,234,567` */
export function count(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: 0 });
}

/** The two largest units: `5s`, `3m 12s`, `1h 05m`, `2d 03h`. */
export function duration(seconds: number): string {
  const whole = Math.floor(seconds);
  if (whole < 60) return `${whole}s`;
  if (whole < 3600) return pair(whole, 60, 'm', 1, 's');
  return whole < DAY ? pair(whole, 3600, 'h', 60, 'm') : pair(whole, DAY, 'd', 3600, 'h');
}

function pair(seconds: number, large: number, largeUnit: string, small: number, smallUnit: string): string {
  const rest = Math.floor((seconds % large) / small);
  return `${Math.floor(seconds / large)}${largeUnit} ${String(rest).padStart(2, '0')}${smallUnit}`;
}

/** `2026-11-21 08:36:08`, in an IANA time zone. */
export function time(at: Date, timeZone: string): string {
  // Sweden writes dates as ISO 8601 does.
  return at.toLocaleString('sv-SE', { timeZone });
}
