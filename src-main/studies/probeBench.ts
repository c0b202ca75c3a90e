import type { TrainConfig } from '../contract/requests.schema.ts';
import type { Probe } from '../contract/studies.ts';
import { Decoder } from '../decoder/decoder.ts';
import { rowSeedOf } from '../data/split.ts';
import { datasetLoss } from '../evaluation/datasetLoss.ts';
import { requireArch } from '../models/openedModel.ts';
import type { OpenedModel } from '../models/types.ts';
import { chooseTargets } from '../training/chooseTargets.ts';
import { planStart } from '../training/planStart.ts';
import { prepareData, type PreparedData } from '../training/prepareData.ts';
import type { TrainEnvironment } from '../training/trainEnvironment.ts';
import { trainProbe } from '../training/trainProbe.ts';
import { AppError } from '../util/appError.ts';
import { hashOfData, probeKey } from './probeKey.ts';
import { sharedFacts } from './sharedFacts.ts';
import type { StudyContext } from './study.ts';

/** The settings of one probe: those of a run of so many steps. */
export type ProbeConfig = TrainConfig & { readonly steps: number };

interface Prepared {
  readonly data: PreparedData;
  readonly hash: string;
  baseLoss: number | undefined;
}

interface Loaded {
  readonly environment: TrainEnvironment;
  readonly decoder: Decoder;
}

/** One model on which probes are run: it is loaded once, and a probe costs its steps and its held-out loss alone. */
export class ProbeBench {
  readonly model: OpenedModel;
  readonly #context: StudyContext;
  readonly #prepared = new Map<string, Promise<Prepared>>();
  #loaded: Loaded | undefined;

  /** @param model stays the caller's */
  constructor(model: OpenedModel, context: StudyContext) {
    this.model = model;
    this.#context = context;
  }

  /** @throws AppError FAMILY_UNSUPPORTED, SETTINGS_INVALID without held-out rows, and what data throw */
  async data(config: TrainConfig): Promise<PreparedData> {
    return (await this.#prepare(config)).data;
  }

  /** The key of a probe; only data are read for it. @throws AppError as {@link data} */
  async key(config: ProbeConfig): Promise<string> {
    const { signal } = this.#context;
    const { hash } = await this.#prepare(config);
    const matrices = chooseTargets(this.model.summary.targets, config.targets, config.layers);
    return probeKey(
      await this.model.source.hash(signal),
      hash,
      matrices.map(({ name }) => name),
      config,
    );
  }

  /**
   * Trains and measures.
   * @throws AppError CANCELLED and what models, data and methods throw
   */
  async run(config: ProbeConfig, onStep: (done: number) => void): Promise<Probe> {
    const { signal } = this.#context;
    const prepared = await this.#prepare(config);
    const { environment, decoder } = await this.#load(config);
    const { clock } = environment;
    prepared.baseLoss ??= (await datasetLoss(decoder, prepared.data.validation, config.batchSize, signal)).loss;
    const begun = clock.now();
    const planned = await planStart(this.model, config, environment, signal);
    const outcome = await trainProbe(decoder, planned, config, prepared.data, signal, onStep);
    return {
      key: await this.key(config),
      method: config.method,
      learningRate: config.learningRate,
      seed: config.seed,
      steps: config.steps,
      trainRows: prepared.data.train.length,
      heldOutRows: prepared.data.validation.length,
      trainable: planned.trainable,
      baseLoss: prepared.baseLoss,
      ...outcome,
      seconds: (clock.now() - begun) / 1000,
    };
  }

  dispose(): void {
    this.#loaded?.decoder.dispose();
    this.#loaded = undefined;
  }

  /** @param config of the first probe; all of a study keep the frozen weights alike */
  async #load({ weights }: TrainConfig): Promise<Loaded> {
    if (this.#loaded !== undefined) return this.#loaded;
    const { emit, signal } = this.#context;
    const environment = sharedFacts(await this.#context.environment());
    const onProgress = (done: number, total: number): void =>
      emit({ event: 'phase', phase: 'loading', fraction: done / total });
    const { kernels } = environment;
    const { source } = this.model;
    const decoder = await Decoder.load(kernels, requireArch(this.model), source, { onProgress, weights }, signal);
    this.#loaded = { environment, decoder };
    return this.#loaded;
  }

  async #prepare(config: TrainConfig): Promise<Prepared> {
    const id = JSON.stringify([config.data, rowSeedOf(config), config.sequenceLength]);
    const known = this.#prepared.get(id) ?? this.#tokenise(config);
    this.#prepared.set(id, known);
    return known;
  }

  async #tokenise(config: TrainConfig): Promise<Prepared> {
    const { emit, signal } = this.#context;
    const arch = requireArch(this.model);
    const data = await prepareData(config, await this.model.tokenizer(), arch, signal, (fraction) =>
      emit({ event: 'phase', phase: 'tokenising', fraction }),
    );
    if (data.validation.length === 0) {
      throw new AppError(
        'SETTINGS_INVALID',
        'A study with probes measures held-out loss; give a file with validation rows, or a share of rows above 0 to hold out.',
      );
    }
    return { data, hash: hashOfData(data), baseLoss: undefined };
  }
}
