/** From this load average on, other work takes a noticeable share of the cores. */
export const idleLoad = 0.3;
