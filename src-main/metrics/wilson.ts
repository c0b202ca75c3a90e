/** Quantile of the standard normal distribution that leaves 2.5 % above it. */
const z = 1.959963984540054;

/**
 * 95 % interval of a share, after Wilson (1927): unlike the normal approximation it stays within 0 … 1 and says
 * something for 0 of n.
 * @returns share and bounds, 0 … 1; the whole range where there are no trials
 */
export function wilsonInterval(correct: number, total: number): { value: number; low: number; high: number } {
  if (total === 0) return { value: 0, low: 0, high: 1 };
  const share = correct / total;
  const scale = 1 + z ** 2 / total;
  const centre = (share + z ** 2 / (2 * total)) / scale;
  const half = (z / scale) * Math.sqrt((share * (1 - share)) / total + z ** 2 / (4 * total ** 2));
  return { value: share, low: Math.max(0, centre - half), high: Math.min(1, centre + half) };
}
