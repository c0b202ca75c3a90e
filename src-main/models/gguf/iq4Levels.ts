/** The 16 unevenly spaced levels of the IQ4 formats. */
export const iq4Levels = [-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113] as const;
