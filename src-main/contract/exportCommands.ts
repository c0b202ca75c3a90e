/** How an export is used in the program it is made for. Pure; shared by the command line and the window. */
import type { ExportFormat } from './exportFormats.ts';

export interface ExportCommand {
  readonly program: string;
  readonly command: string;
}

interface Written {
  readonly format: ExportFormat;
  readonly out: string;
  readonly files: readonly { readonly name: string }[];
}

/**
 * Commands that a person can paste into a terminal.
 * @param base what the base model is called, for adapters
 * @param platform as `process.platform`: how a terminal there quotes
 */
export function exportCommands({ format, out, files }: Written, base: string, platform: string): ExportCommand[] {
  const windows = platform.startsWith('win32');
  const separator = windows ? '\\' : '/';
  const isFile = /\.gguf$/i.test(out);
  const gguf = files.find(({ name }) => /\.gguf$/i.test(name))?.name ?? '';
  const place = (name: string): string => quoted(isFile ? out : `${out}${separator}${name}`, windows);
  const folder = quoted(out, windows);
  const name = (out.split(/[\\/]/).pop() ?? 'model').toLowerCase().replace(/[^a-z0-9._-]+/g, '-');
  switch (format) {
    case 'hf':
      return [
        { program: 'vLLM', command: `vllm serve ${folder}` },
        { program: 'Transformers', command: `transformers chat ${folder}` },
      ];
    case 'gguf':
      return [
        { program: 'llama.cpp', command: `llama-cli -m ${place(gguf)}` },
        { program: 'llama.cpp', command: `llama-server -m ${place(gguf)}` },
      ];
    case 'ollama':
      return [
        { program: 'Ollama', command: `ollama create ${name} -f ${place('Modelfile')}` },
        { program: 'Ollama', command: `ollama run ${name}` },
      ];
    case 'lora-gguf':
      return [{ program: 'llama.cpp', command: `llama-cli -m BASE.gguf --lora ${place(gguf)}` }];
    case 'peft':
      return [
        {
          program: 'vLLM',
          command: `vllm serve ${quoted(base, windows)} --enable-lora --lora-modules ${name}=${folder}`,
        },
      ];
    case 'peft-compact':
    case 'native':
      return [];
  }
}

function quoted(text: string, windows: boolean): string {
  if (/^[\w./:@%+=,-]+$/.test(text)) return text;
  return windows ? `"${text}"` : `'${text.replaceAll("'", "'\\''")}'`;
}
