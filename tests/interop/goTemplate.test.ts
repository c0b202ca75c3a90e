/** Modelfile templates in Go's own text/template, with the data that Ollama gives them. */
import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import type { ChatMessage } from '../../src-main/contract/model.ts';
import { chatShape } from '../../src-main/export/chatShape.ts';
import { goChatTemplate } from '../../src-main/export/ollamaTemplate.ts';
import { compileChatTemplate } from '../../src-main/models/tokenizer/chatTemplate.ts';
import { knownTemplates } from '../support/chatTemplates.ts';

const go = ['go', '/usr/local/go/bin/go'].find((program) => spawnSync(program, ['version']).status === 0);

const program = `package main

import (
	"encoding/json"
	"os"
	"text/template"
)

type message struct{ Role, Content string }
type job struct {
	Template string
	System   string
	Messages []*message
}

func main() {
	var jobs []job
	if err := json.NewDecoder(os.Stdin).Decode(&jobs); err != nil {
		panic(err)
	}
	encoder := json.NewEncoder(os.Stdout)
	for _, one := range jobs {
		var text stringBuilder
		err := template.Must(template.New("").Parse(one.Template)).Execute(&text, map[string]any{
			"System": one.System, "Messages": one.Messages, "Response": "",
		})
		if err != nil {
			panic(err)
		}
		encoder.Encode(string(text))
	}
}

type stringBuilder []byte

func (b *stringBuilder) Write(p []byte) (int, error) { *b = append(*b, p...); return len(p), nil }
`;

const turns: readonly ChatMessage[] = [
  { role: 'user', content: 'What is {{ this }}?' },
  { role: 'assistant', content: 'A river.' },
  { role: 'user', content: 'And that?' },
];
const conversations: readonly (readonly ChatMessage[])[] = [
  turns.slice(0, 1),
  turns,
  [{ role: 'system', content: 'Be brief.' }, ...turns],
];

test.skipIf(go === undefined)('a Modelfile lays out conversations as the chat template of the model does', async () => {
  const cases = knownTemplates.flatMap(({ name, jinja, special }) => {
    const render = compileChatTemplate(jinja, special, name, () => new Date(0));
    const shape = chatShape((messages) => render(messages, true));
    if (shape === undefined) throw new Error(`${name} has no shape.`);
    return conversations
      .filter(([first]) => first?.role !== 'system' || shape.system !== undefined)
      .map((messages) => ({
        name,
        expected: render(messages, true),
        job: {
          Template: goChatTemplate(shape),
          System: messages[0]?.role === 'system' ? messages[0].content : '',
          Messages: messages.map(({ role, content }) => ({ Role: role, Content: content })),
        },
      }));
  });
  const folder = await mkdtemp(path.join(os.tmpdir(), 'sara-go-'));
  try {
    await writeFile(path.join(folder, 'main.go'), program);
    const running = promisify(execFile)(go ?? '', ['run', path.join(folder, 'main.go')]);
    running.child.stdin?.end(JSON.stringify(cases.map(({ job }) => job)));
    const { stdout } = await running;
    const found = stdout.trim().split('\n');
    cases.forEach(({ name, expected }, i) => {
      expect({ name, text: JSON.parse(found[i] ?? '""') as string }).toEqual({ name, text: expected });
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
