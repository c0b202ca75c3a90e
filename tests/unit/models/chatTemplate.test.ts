import { describe, expect, it } from 'vitest';
import { compileChatTemplate } from '../../../src-main/models/tokenizer/chatTemplate.ts';

const hello = [{ role: 'user', content: 'hello' }] as const;
/** Local time, as strftime gives it. */
const now = (): Date => new Date(2026, 2, 5, 16, 7, 9);

function render(template: string): string {
  return compileChatTemplate(template, { bos_token: '<s>', eos_token: '</s>' }, 'model', now)(hello, true);
}

describe('chat templates', () => {
  it('have the special tokens, the generation flag and empty tools', () => {
    expect(
      render('{{ bos_token }}{{ add_generation_prompt }}{{ tools is none }}{{ messages[0].content }}{{ eos_token }}'),
    ).toBe('<s>truetruehello</s>');
  });

  it('trim blocks as transformers sets Jinja up', () => {
    expect(render('a\n  {% if true %}\nb\n  {% endif %}\nc')).toBe('a\nb\nc');
  });

  it('write dates in English, whatever the language of the machine', () => {
    expect(render("{{ strftime_now('%d %B %Y, %a %b %H:%M:%S %I %p %y %% %Q') }}")).toBe(
      '05 March 2026, Thu Mar 16:07:09 04 PM 26 % %Q',
    );
  });

  it('pass on what the template itself refuses', () => {
    expect(() => render("{{ raise_exception('roles must alternate') }}")).toThrow(
      expect.objectContaining({
        code: 'TEMPLATE_INVALID',
        message: expect.stringContaining('roles must alternate') as string,
      }),
    );
  });

  // Bug: looking for {% generation %} takes the square of a run of blanks, a quarter of an hour for this one.
  it('are refused at once when they are all empty lines', () => {
    expect(() => render(`{{ bos_token }}${'\n'.repeat(900_000)}`)).toThrow(/too many spaces and empty lines in a row/);
    expect(render(`a${' '.repeat(9_000)}{{ bos_token }}`)).toContain('<s>');
  });

  it('are refused when they cannot be parsed', () => {
    expect(() => render('{% if %}')).toThrow(expect.objectContaining({ code: 'TEMPLATE_INVALID' }));
  });

  it.each([
    '{% for i in range(10000) %}{% for j in range(10000) %}{{ j }}{% endfor %}{% endfor %}',
    '{{ range(1000000000) | length }}',
    '{% macro f(x) %}{{ f(x) }}{% endmacro %}{{ f(1) }}',
    `{{ ${'('.repeat(50_000)}`,
  ])('cannot keep the engine busy for ever: %#', (template) => {
    expect(() => render(template)).toThrow(expect.objectContaining({ code: 'TEMPLATE_INVALID' }));
  });
});
