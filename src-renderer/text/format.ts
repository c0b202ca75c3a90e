/** How numbers, times and paths are written. Widths stay steady because figures are tabular and digits are fixed. */
import { locale } from './locale.ts';

const decimal = ['B', 'kB', 'MB', 'GB', 'TB'] as const;
const binary = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

/** A size on disk or of a download, in decimal units: `93.1 MB`. */
export function fileSize(bytes: number): string {
  return scaled(bytes, 1000, decimal);
}

/** An amount of memory, in binary units: `1.4 GiB`. */
export function memorySize(bytes: number): string {
  return scaled(bytes, 1024, binary);
}

function scaled(bytes: number, base: number, units: readonly string[]): string {
  let value = bytes;
  let unit = 0;
  // Three figures before the point at most: 999.96 would be written 1000.0, and 1016 KiB stands badly beside GiB.
  while (Number(value.toFixed(1)) >= 1000 && unit < units.length - 1) {
    value /= base;
    unit += 1;
  }
  return `${unit === 0 ? Math.round(value) : value.toFixed(1)} ${units[unit] ?? ''}`;
}

/** A count of parameters or tokens: `134.5M`, `2.44M`, `960`. Three figures. */
export function compactCount(value: number): string {
  const steps = [
    [1e12, 'T'],
    [1e9, 'B'],
    [1e6, 'M'],
    [1e3, 'k'],
  ] as const;
  for (const [size, suffix] of steps) {
    if (value >= size * 0.9995) return `${threeFigures(value / size)}${suffix}`;
  }
  return String(Math.round(value));
}

function threeFigures(value: number): string {
  return value.toFixed(value >= 99.95 ? 1 : value >= 9.995 ? 1 : 2);
}

/** A whole number with grouping: `134,515,008`. */
export function grouped(value: number): string {
  return new Intl.NumberFormat(locale()).format(value);
}

/** A share as per cent: `63 %`, `0.26 %` under one, `—` when unknown. */
export function percent(share: number): string {
  if (!Number.isFinite(share)) return '—';
  const value = share * 100;
  const digits = value === 0 || value >= 10 ? 0 : value >= 1 ? 1 : 2;
  return `${value.toFixed(digits)} %`;
}

const timeUnits = {
  en: { second: 's', minute: 'min', hour: 'h', day: 'd' },
  zh: { second: '秒', minute: '分钟', hour: '小时', day: '天' },
} as const;

/** A length of time in at most two units: `35 s`, `4 min`, `1 h 12 min`, `2 d 3 h`. */
export function duration(seconds: number): string {
  if (!Number.isFinite(seconds) || seconds < 0) return '—';
  const { second, minute, hour, day } = locale().startsWith('zh') ? timeUnits.zh : timeUnits.en;
  if (seconds < 59.5) return `${Math.round(seconds)} ${second}`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} ${minute}`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return minutes % 60 === 0 ? `${hours} ${hour}` : `${hours} ${hour} ${minutes % 60} ${minute}`;
  const days = Math.floor(hours / 24);
  return hours % 24 === 0 ? `${days} ${day}` : `${days} ${day} ${hours % 24} ${hour}`;
}

/** A loss or a similar small number, with a fixed number of decimals. */
export function fixed(value: number, digits = 3): string {
  return Number.isFinite(value) ? value.toFixed(digits) : '—';
}

/** A day and time as a person writes it: `23 Nov 2026, 20:14`. */
export function dayAndTime(iso: string): string {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return iso;
  return new Intl.DateTimeFormat(locale() === 'en' ? 'en-GB' : locale(), {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
  }).format(date);
}

/** The last part of a path, of either kind of separator. */
export function fileName(path: string): string {
  const parts = path.split(/[\\/]/).filter((part) => part !== '');
  return parts[parts.length - 1] ?? path;
}

/** A path short enough for a line: its last two parts, after an ellipsis. The whole path belongs in a tooltip. */
export function shortPath(path: string): string {
  const parts = path.split(/[\\/]/).filter((part) => part !== '');
  return parts.length <= 2 ? path : `…/${parts.slice(-2).join('/')}`;
}
