import { describe, expect, test } from 'vitest';
import type { ExportSource } from '../../../src-main/export/exportPlan.ts';
import { frontMatter } from '../../../src-main/export/modelCard.ts';

function card(name: string, licence?: string): string {
  const source = { model: { summary: { name, licence } }, run: undefined } as unknown as ExportSource;
  return frontMatter(source, 'transformers', 'finetune').join('\n');
}

// Bug caught: the hub refuses the whole commit for a field of the card that it does not know.
describe('the front matter holds what the hub takes', () => {
  test('a base only where it can be the name of a repository', () => {
    expect(card('HuggingFaceTB/SmolLM2-135M')).toContain('base_model: "HuggingFaceTB/SmolLM2-135M"');
    expect(card('llama3.2:1b')).not.toContain('base_model');
  });

  test('a licence by the name the hub knows, else as another one', () => {
    expect(card('m', 'Apache-2.0')).toContain('license: apache-2.0');
    expect(card('m', 'llama3 community licence')).toContain('license: other\nlicense_name: "llama3 community licence"');
    expect(card('m')).not.toContain('license');
  });
});
