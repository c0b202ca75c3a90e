import { busyCores } from '../../src-main/speed/busyCores.ts';

/** From this share of the cores on, other work costs time. */
export const idleShare = 0.05;

/** Long enough for what ended just before to be gone. */
const milliseconds = 4000;

/** Share of all cores, 0 to 1, that is at work while the bench itself does nothing. */
export async function busyShare(): Promise<number> {
  return busyCores(milliseconds);
}
