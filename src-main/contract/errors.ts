/**
 * The table of error codes. Every error that leaves a module carries one of these codes; `docs/errors.md` is made
 * from this table. Free of zod so that the renderer may import the values.
 */

/** Exit codes of the command line. */
export const exitCodes = { done: 0, usage: 2, input: 3, environment: 4, cancelled: 130, internal: 1 } as const;

interface ErrorKind {
  readonly exit: number;
  /** What happened, in general. */
  readonly means: string;
  /** What a person can do about it. */
  readonly remedy: string;
}

function kind(exit: number, means: string, remedy: string): ErrorKind {
  return { exit, means, remedy };
}

export const errorTable = {
  USAGE: kind(2, 'A command or option is unknown, missing or out of range.', 'Run the command with --help.'),
  FILE_NOT_FOUND: kind(3, 'A file or folder does not exist.', 'Check the path.'),
  FILE_UNREADABLE: kind(3, 'A file or folder exists but cannot be read.', 'Check its permissions and the drive.'),
  SAFETENSORS_INVALID: kind(3, 'A safetensors file breaks its format.', 'Download or save the file again.'),
  GGUF_INVALID: kind(3, 'A GGUF file breaks its format.', 'Download or convert the file again.'),
  CONFIG_INVALID: kind(
    3,
    'config.json or a tokenizer file of a model is not valid.',
    'Take the file from the model’s source again.',
  ),
  FAMILY_UNSUPPORTED: kind(
    3,
    'The architecture of the model is not supported for training.',
    'Choose a model of a supported family; its spectra can still be analysed.',
  ),
  TENSOR_MISSING: kind(
    3,
    'A tensor that the architecture needs is not in the model’s files.',
    'Check that the download is complete and config.json belongs to it.',
  ),
  TENSOR_INVALID: kind(
    3,
    'A tensor has the wrong shape or type, or values that are not finite.',
    'Take the model’s files from the source again.',
  ),
  TOKENIZER_INVALID: kind(
    3,
    'The tokenizer is not valid, not supported, or does not fit the model.',
    'Use the tokenizer files that belong to the model.',
  ),
  TEMPLATE_INVALID: kind(3, 'The chat template cannot be rendered.', 'Choose another template for the data.'),
  DATA_INVALID: kind(3, 'Rows of a data file cannot be used.', 'Mend the rows named, or skip them.'),
  DATA_MAPPING: kind(
    3,
    'The columns of a data file fit no known layout.',
    'Say which column is the prompt and which the completion.',
  ),
  NOTHING_TO_LEARN: kind(
    3,
    'No token of the data carries loss.',
    'Give rows with answers, or raise the sequence length.',
  ),
  END_NOT_LEARNT: kind(
    3,
    'No answer of the data ends with an end token that carries loss, so the model would never learn to stop.',
    'Raise the sequence length where answers are cut, or choose a chat template that ends every answer.',
  ),
  SETTINGS_INVALID: kind(3, 'A setting of a run is out of range or contradicts another.', 'Change the setting named.'),
  RUN_INVALID: kind(
    3,
    'A run folder is damaged or not a run.',
    'Choose another run, or resume from an earlier checkpoint.',
  ),
  RUN_BUSY: kind(3, 'Another process is using the run.', 'Wait until it ends, or stop it.'),
  CHECKPOINT_DAMAGED: kind(3, 'A checkpoint does not match its checksum.', 'Resume from the previous checkpoint.'),
  TARGET_EXISTS: kind(3, 'The output folder exists and is not empty.', 'Choose another folder.'),
  NOT_MERGEABLE: kind(
    3,
    'The adapter depends on the input and has no exact merge.',
    'Export the native adapter or accept a frozen-gate merge.',
  ),
  NON_FINITE: kind(
    3,
    'The loss or a gradient became infinite or not a number; training stopped at the last good state.',
    'Lower the learning rate, then resume from the last checkpoint.',
  ),
  VERIFICATION_FAILED: kind(
    3,
    'A written file does not reproduce the model in memory.',
    'Export again; check the drive if it happens twice.',
  ),
  DOWNLOAD_FAILED: kind(
    4,
    'A download did not finish from any of its places.',
    'Check the connection and start it again; it resumes.',
  ),
  HUB_REFUSED: kind(
    3,
    'The Hugging Face hub refused a request.',
    'Check the token, its permission to write, and the name of the repository.',
  ),
  UPLOAD_FAILED: kind(
    4,
    'An upload did not finish.',
    'Check the connection and start it again; files that arrived are not sent again.',
  ),
  TARGET_UNREACHABLE: kind(
    4,
    'The dashboard of a cluster cannot be reached.',
    'Check its address, the tunnel and the network; what runs there goes on.',
  ),
  TARGET_REFUSED: kind(
    3,
    'The dashboard of a cluster refused a request.',
    'Check the token, and what the sentence names.',
  ),
  TARGET_UNFIT: kind(
    4,
    'A cluster lacks something that trainings need.',
    'Have it put right as the sentence says; sara targets test shows every node.',
  ),
  TRIAL_FAILED: kind(
    4,
    'A training on a cluster could not be finished.',
    'Put right what the sentence names and start again: it goes on from its last checkpoint.',
  ),
  DISK_FULL: kind(4, 'There is not enough free space on the disk.', 'Free space or choose another folder.'),
  NOT_WRITABLE: kind(4, 'A folder cannot be written to.', 'Choose another folder or change its permissions.'),
  BACKEND_MISSING: kind(
    4,
    'TensorFlow or its addon is missing or cannot be loaded.',
    'Run npm run setup and read its last line.',
  ),
  OUT_OF_MEMORY: kind(
    4,
    'There is not enough memory.',
    'Lower the batch size or sequence length, or turn on activation checkpointing.',
  ),
  ENGINE_STOPPED: kind(
    4,
    'The engine process ended unexpectedly.',
    'Start the task again; training resumes from its last checkpoint.',
  ),
  ENGINE_BUSY: kind(4, 'The engine is doing another task.', 'Wait until it ends, or stop it.'),
  CANCELLED: kind(130, 'The task was cancelled.', 'Start it again when you like.'),
  FORBIDDEN: kind(
    4,
    'A path or request is outside what the window may use.',
    'Choose the file or folder in the dialog.',
  ),
  INTERNAL: kind(1, 'A fault in SARA Studio.', 'Save the diagnostics and report it.'),
} as const satisfies Record<string, ErrorKind>;

export type ErrorCode = keyof typeof errorTable;

/** How an error crosses a process border. */
export interface ErrorShape {
  readonly code: ErrorCode;
  /** One sentence: names the file, row or tensor, what is wrong and what to do. */
  readonly message: string;
  /** Facts for the interface, such as the list of bad rows. Plain JSON. */
  readonly details?: unknown;
}

export type Result<T> = { readonly ok: true; readonly data: T } | { readonly ok: false; readonly error: ErrorShape };
