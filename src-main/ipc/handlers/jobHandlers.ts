import type { Handlers } from '../router.ts';
import type { Services } from '../services.ts';

type Routes = 'jobs.start' | 'jobs.control' | 'jobs.list' | 'jobs.snapshot';

/** Long tasks: started and steered by id, followed by events. */
export function jobHandlers({ jobs }: Services): Pick<Handlers, Routes> {
  return {
    'jobs.start': (request) => ({ jobId: jobs.start(request) }),
    'jobs.control': ({ jobId, action }) => ({ accepted: jobs.control(jobId, action) }),
    'jobs.list': () => jobs.list(),
    'jobs.snapshot': ({ jobId, afterSeq }) => jobs.snapshot(jobId, afterSeq),
  };
}
