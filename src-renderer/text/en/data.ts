export const data = { 'data.title': 'Data' } as const;
