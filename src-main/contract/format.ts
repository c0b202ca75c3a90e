/** Numbers as people read them; shared by the command line and the window. Pure. */

const byteUnits = ['B', 'kB', 'MB', 'GB', 'TB'] as const;

/** Bytes in decimal units with three significant digits, e.g. `93.1 MB`. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < byteUnits.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const digits = unit === 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  return `${value.toFixed(digits)} ${byteUnits[unit] ?? 'B'}`;
}

/** Counts with thousands or a unit, e.g. `7,536`, `2.44 M`, `134.5 M`, `1.10 B`. */
export function formatCount(count: number): string {
  if (count < 100_000) return Math.round(count).toLocaleString('en-US');
  if (count < 999_500) return `${(count / 1e3).toFixed(0)} k`;
  const [value, unit] = count < 999.5e6 ? [count / 1e6, 'M'] : [count / 1e9, 'B'];
  return `${value.toFixed(value >= 100 ? 1 : 2)} ${unit}`;
}

/** A duration in its two largest units, e.g. `4 min 5 s`, `1 h 2 min`, `12 s`. */
export function formatDuration(seconds: number): string {
  if (!Number.isFinite(seconds)) return '–';
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

/** A share as a percentage with three significant digits, e.g. `1.81 %`. */
export function formatShare(share: number): string {
  const percent = share * 100;
  return `${percent.toFixed(percent >= 99.95 ? 0 : percent >= 9.995 ? 1 : 2)} %`;
}

/** A measured difference with three significant digits, in powers of ten only where that is shorter: `19.5`, `3.1e-5`. */
export function formatMeasure(value: number): string {
  if (value === 0) return '0';
  return Math.abs(value) >= 0.01 && Math.abs(value) < 1000 ? value.toPrecision(3) : value.toExponential(2);
}
