import { expect, test } from 'vitest';
import {
  compactCount,
  dayAndTime,
  duration,
  fileName,
  fileSize,
  fixed,
  memorySize,
  percent,
  shortPath,
} from '../../../../src-renderer/text/format.ts';

test('sizes on disk are decimal, memory is binary, and neither shows a thousand of a smaller unit', () => {
  expect([0, 999, 1000, 93_512_704, 999_960].map(fileSize)).toEqual(['0 B', '999 B', '1.0 kB', '93.5 MB', '1.0 MB']);
  expect([999, 1023, 1024, 1_040_179, 538_060_032, 16 * 2 ** 30].map(memorySize)).toEqual([
    '999 B',
    '1.0 KiB',
    '1.0 KiB',
    '1.0 MiB',
    '513.1 MiB',
    '16.0 GiB',
  ]);
});

test('counts of parameters have three figures and step up where rounding reaches a thousand', () => {
  expect([0, 960, 999.6, 2_440_000, 134_515_008, 999_950, 7.24e9].map(compactCount)).toEqual([
    '0',
    '960',
    '1.00k',
    '2.44M',
    '134.5M',
    '1.00M',
    '7.24B',
  ]);
});

// Would catch: "60 s", "1 h 60 min", and NaN or a negative time shown while nothing is known.
test('lengths of time have at most two units and never overflow one', () => {
  expect([0, 59.4, 59.6, 3599, 3600, 4320, 86_400 + 3 * 3600, NaN, -1, Infinity].map(duration)).toEqual([
    '0 s',
    '59 s',
    '1 min',
    '1 h',
    '1 h',
    '1 h 12 min',
    '1 d 3 h',
    '—',
    '—',
    '—',
  ]);
});

test('shares keep enough digits to tell small ones apart', () => {
  expect([0, 0.0026, 0.018, 0.634, 1, NaN].map(percent)).toEqual(['0 %', '0.26 %', '1.8 %', '63 %', '100 %', '—']);
});

test('unknown numbers are a dash, not NaN', () => {
  expect([fixed(NaN), fixed(1.23456), fixed(2, 1)]).toEqual(['—', '1.235', '2.0']);
});

test('names of files come from paths of either system', () => {
  expect([fileName('/a/b/c.gguf'), fileName('C:\\models\\Qwen\\'), fileName('x')]).toEqual(['c.gguf', 'Qwen', 'x']);
  expect([shortPath('/home/me/models/a.gguf'), shortPath('/a.gguf')]).toEqual(['…/models/a.gguf', '/a.gguf']);
});

test('a date that is none is shown as it is', () => {
  expect(dayAndTime('yesterday')).toBe('yesterday');
  expect(dayAndTime('2026-11-22T18:04:00')).toBe('22 Nov 2026, 18:04');
});
