import type { Row } from './row.ts';
import { training } from './training.ts';

/** In the order of the page. */
export const allRows: readonly Row[] = [training];
