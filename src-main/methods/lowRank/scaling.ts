/** c of LoRA, α / r, or of rsLoRA, α / √r. */
export function loraScaling(alpha: number, rank: number, rankStabilized: boolean | undefined): number {
  return alpha / (rankStabilized === true ? Math.sqrt(rank) : rank);
}
