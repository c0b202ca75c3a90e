// The one way in which set-up fails: a sentence that says what is wrong and what to do.

/** Exit code of a fault of the environment, as in contract/errors.ts. */
const environmentExitCode = 4;

/** Something on this machine is missing and could not be brought; the message is one sentence for the person. */
export class SetupError extends Error {
  /**
   * @param {string} message
   * @param {number} exitCode
   */
  constructor(message, exitCode = environmentExitCode) {
    super(message);
    this.exitCode = exitCode;
  }
}

/**
 * Runs a program of this folder and turns its result or fault into the exit code.
 * @param {() => Promise<number>} program resolves to the exit code
 */
export async function runProgram(program) {
  try {
    process.exitCode = await program();
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = error.exitCode;
  }
}
