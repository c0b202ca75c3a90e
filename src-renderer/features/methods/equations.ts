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
  'lora-budget': [line('h = {W₀} x + α/r · [B] [A] x'), line('r: as many parameters as SARA')],
  lora: [line('h = {W₀} x + α/r · [B] [A] x')],
  rslora: [line('h = {W₀} x + α/√r · [B] [A] x')],
  pissa: [line('h = {Wᵣₑₛ} x + [B] [A] x'), line('B A = the r leading singular parts of W₀')],
  dora: [line('h = [m] ⊙ ({W₀} + α/r · [B] [A]) x / ‖{W₀} + α/r · [B] [A]‖'), line('‖ ‖: the length of each row')],
  adalora: [
    line('h = {W₀} x + α/r · [P] [Λ] [Q] x'),
    line('the triplets that matter least are taken away until the ranks add up to the target'),
  ],
  mosara: [
    line('h = {W₀} x + c · diag([v]) {Uₖ} diag(Σᵢ gᵢ [λᵢ]) z'),
    line('z = {Vₖᵀ} x, g = softmax([R](z)): one gate for each set, for each token'),
  ],
};

export function equationText(id: MethodId): string {
  return equations[id].map((terms) => terms.map(({ text }) => text).join('')).join('; ');
}
