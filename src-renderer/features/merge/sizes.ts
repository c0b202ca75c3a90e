import { exportFormats } from '../../../src-main/contract/exportFormats.ts';
import type { ExportChoice } from '../../../src-main/contract/results.ts';
import type { ExportState } from '../../state/export.svelte.ts';

/** Bytes of a choice in the types that are chosen; undefined where there is none for them. */
export function sizeOf(
  { format, bytes }: ExportChoice,
  { dtype, quant }: Pick<ExportState, 'dtype' | 'quant'>,
): number | undefined {
  return bytes[{ dtype, quant, none: 'f32' }[exportFormats[format].types]];
}
