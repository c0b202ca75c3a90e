import type { MatrixSpectrum } from '../contract/analysis.ts';
import type { TrainEnvironment } from '../training/trainEnvironment.ts';

type Vectors = Awaited<ReturnType<TrainEnvironment['singularVectors']>>;

/** Values of singular vectors kept between probes: 1 GiB. */
const mostValues = 2 ** 28;

/** The environment of the trainings of one model, in which spectra and singular vectors are worked out only once. */
export function sharedFacts(environment: TrainEnvironment): TrainEnvironment {
  const spectra = new Map<string, MatrixSpectrum>();
  const vectors = new Map<string, Vectors>();
  let values = 0;
  return {
    ...environment,
    async spectra(model, matrices, signal, onProgress) {
      const missing = matrices.filter(({ name }) => !spectra.has(name));
      if (missing.length > 0) {
        for (const [name, spectrum] of await environment.spectra(model, missing, signal, onProgress)) {
          spectra.set(name, spectrum);
        }
      }
      return spectra;
    },
    async singularVectors(model, matrix, k, signal) {
      const key = `${matrix.name} ${k}`;
      let found = vectors.get(key);
      if (found === undefined) {
        found = await environment.singularVectors(model, matrix, k, signal);
        values += found.U.length + found.Vt.length;
        if (values <= mostValues) vectors.set(key, found);
      }
      // Adapters upload what they are given, and an uploaded array may become TensorFlow's own memory.
      return { U: found.U.slice(), S: found.S.slice(), Vt: found.Vt.slice() };
    },
  };
}
