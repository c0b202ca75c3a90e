import { describe, expect, test } from 'vitest';
import type { ChatMessage } from '../../../src-main/contract/model.ts';
import { chatShape, renderShape, type Render } from '../../../src-main/export/chatShape.ts';
import { compileChatTemplate } from '../../../src-main/models/tokenizer/chatTemplate.ts';
import { knownTemplates, type KnownTemplate } from '../../support/chatTemplates.ts';

function renderOf({ jinja, special }: Pick<KnownTemplate, 'jinja' | 'special'>): Render {
  const render = compileChatTemplate(jinja, special, 'the template', () => new Date(0));
  return (messages) => render(messages, true);
}

const turns: readonly ChatMessage[] = [
  { role: 'user', content: 'What is {{ this }}?' },
  { role: 'assistant', content: 'A river.' },
  { role: 'user', content: 'And that?\nOver there.' },
];
const withSystem: readonly ChatMessage[] = [{ role: 'system', content: 'Be brief.' }, ...turns];

describe.each(knownTemplates)('the format $name', (template) => {
  const render = renderOf(template);
  const shape = chatShape(render);

  // Bug caught: a separator put on the wrong side of a turn, seen only from the second turn on.
  test('is found, and lays out a longer conversation as the template does', () => {
    expect(shape).toBeDefined();
    expect(shape && renderShape(shape, turns)).toBe(render(turns));
  });

  test('has a system turn exactly where the template takes one', () => {
    let expected: string | undefined;
    try {
      expected = render(withSystem);
    } catch {
      expected = undefined;
    }
    expect(shape?.system === undefined ? undefined : renderShape(shape, withSystem)).toBe(expected);
  });
});

// Bug caught: text around the turns that depends on the conversation would be frozen into the Modelfile.
test('a template that numbers its turns has no shape', () => {
  const jinja = `{% for message in messages %}{{ loop.index }}:{{ message['content'] }};{% endfor %}`;
  expect(chatShape(renderOf({ jinja, special: {} }))).toBeUndefined();
});

test('a template that leaves earlier answers out has no shape', () => {
  const jinja = `{% for message in messages %}{% if message['role'] == 'user' %}[{{ message['content'] }}]{% endif %}{% endfor %}`;
  expect(chatShape(renderOf({ jinja, special: {} }))).toBeUndefined();
});
