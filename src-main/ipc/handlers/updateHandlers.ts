import type { Handlers } from '../router.ts';
import type { Services } from '../services.ts';

type Routes = 'updates.get' | 'updates.check' | 'updates.download' | 'updates.cancel';

/** Newer versions of the app: nothing is asked of a server before the person asks. */
export function updateHandlers({ updates }: Services): Pick<Handlers, Routes> {
  return {
    'updates.get': () => updates.state,
    'updates.check': async () => updates.check(),
    'updates.download': () => updates.download(),
    'updates.cancel': () => updates.cancel(),
  };
}
