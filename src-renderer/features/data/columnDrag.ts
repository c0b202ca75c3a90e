/** What a dragged column carries: its name under a type of its own, so that nothing else is taken for one. */
export const columnType = 'application/x-sara-column';
