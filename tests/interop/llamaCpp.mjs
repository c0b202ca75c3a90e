// Next-token logits of GGUF files from llama.cpp:  llamaCpp.mjs FOLDER_OF_NODE_LLAMA_CPP JOBS.json RESULTS.json
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/**
 * @typedef {object} Job
 * @property {string} name
 * @property {string} path GGUF file
 * @property {string} [lora] LoRA GGUF put on it
 * @property {readonly number[]} tokens
 * @property {readonly string[]} texts to be tokenised
 * @property {string} out where the logits go, [tokens, vocabulary] as float32
 */

const [folder = '', jobsFile = '', resultsFile = ''] = process.argv.slice(2);
const entry = join(folder, 'node_modules', 'node-llama-cpp', 'dist', 'index.js');
const { getLlama, LlamaLogLevel } = await import(pathToFileURL(entry).href);
// One thread: several of them wait for each other on a busy machine.
const llama = await getLlama({
  gpu: false,
  build: 'never',
  maxThreads: 1,
  logLevel: LlamaLogLevel.error,
  progressLogs: false,
});

/** @param {Job} job */
async function answer({ path, lora, tokens, texts, out }) {
  const model = await llama.loadModel({ modelPath: path, gpuLayers: 0, useMmap: false, checkTensors: true });
  try {
    // A cache in half precision would hide differences of the weights.
    const context = await model.createContext({
      contextSize: tokens.length + 8,
      threads: { ideal: 1, min: 1 },
      flashAttention: false,
      experimentalKvCacheKeyType: 'F32',
      experimentalKvCacheValueType: 'F32',
      ...(lora === undefined ? {} : { lora }),
    });
    const wanted = { generateNext: { logits: true, options: { temperature: 0 } } };
    const answers = await context.getSequence().controlledEvaluate(tokens.map((token) => [token, wanted]));
    const vocabulary = model.fileInfo.metadata.tokenizer.ggml.tokens.length;
    const logits = new Float32Array(tokens.length * vocabulary);
    for (const [i, one] of answers.entries()) {
      for (const [token, value] of one.next.logits) logits[i * vocabulary + token] = value;
    }
    writeFileSync(out, Buffer.from(logits.buffer));
    await context.dispose();
    return { ids: texts.map((text) => [...model.tokenize(text, false)]) };
  } finally {
    await model.dispose();
  }
}

const results = [];
for (const job of JSON.parse(readFileSync(jobsFile, 'utf8'))) {
  try {
    results.push({ name: job.name, ...(await answer(job)) });
  } catch (error) {
    results.push({ name: job.name, error: error instanceof Error ? error.message : String(error) });
  }
}
writeFileSync(resultsFile, JSON.stringify(results));
// Its threads would keep the process alive.
process.exit(0);
