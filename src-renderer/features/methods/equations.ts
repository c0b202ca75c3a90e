/** Each method as an equation: what is frozen, what is trained. */
import type { MethodId } from '../../state/methodChoices.ts';

export interface Term {
  readonly text: string;
  readonly kind: 'frozen' | 'trained' | 'plain';
}

/** `[W]` is trained, `{W}` is frozen; everything else is plain. */
function line(pattern: string): readonly Term[] {
  return pattern.split(/(\[[^\]]*\]|\{[^}]*\})/).flatMap((piece): Term[] => {
    if (piece === '') return [];
    if (piece.startsWith('[')) return [{ text: piece.slice(1, -1), kind: 'trained' }];
    return piece.startsWith('{') ? [{ text: piece.slice(1, -1), kind: 'frozen' }] : [{ text: piece, kind: 'plain' }];
  });
}

/** Source of each: the doc comment of its folder in the engine. */
export const equations: Readonly<Record<MethodId, readonly (readonly Term[])[]>> = {
  sara: [line('h = {W₀} x + c · [B] diag([λ]) [A] x')],
  'lora-budget': [line('h = {W₀} x + α/r · [B] [A] x')],
  lora: [line('h = {W₀} x + α/r · [B] [A] x')],
  rslora: [line('h = {W₀} x + α/√r · [B] [A] x')],
  pissa: [line('h = {Wᵣₑₛ} x + [B] [A] x')],
  dora: [line('h = [m] ⊙ (V x) / ‖V‖'), line('V = {W₀} + α/r · [B] [A], row by row')],
  adalora: [line('h = {W₀} x + α/r · [P] diag([λ]) [Q] x')],
  full: [line('h = [W] x + [b]')],
  mosara: [
    line('h = {W₀} x + c · diag([v]) {Uₖ} diag(s) z'),
    line('s = Σᵢ gᵢ [λᵢ], z = {Vₖᵀ} x'),
    line('g = softmax([R](z))'),
  ],
};

export function equationText(id: MethodId): string {
  return equations[id].map((terms) => terms.map(({ text }) => text).join('')).join('; ');
}
