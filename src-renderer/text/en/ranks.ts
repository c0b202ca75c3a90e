export const ranks = {} as const;
