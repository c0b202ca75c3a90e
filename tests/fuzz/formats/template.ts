/** Chat templates: Jinja made from a grammar whose expressions grow, repeat and nest. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { compileChatTemplate } from '../../../src-main/models/tokenizer/chatTemplate.ts';
import type { ChatMessage } from '../../../src-main/contract/model.ts';
import type { Rng } from '../../../src-main/util/rng.ts';
import { refusable, type Format } from '../format.ts';
import { hostileString, numbers, pick } from '../hostile.ts';
import { mutateBytes } from '../mutateBytes.ts';

const sources = [
  "{% for m in messages %}{{ '<|' + m['role'] + '|>' + m['content'] + eos_token }}{% endfor %}{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}",
  "{% if messages[0]['role'] == 'system' %}{% set s = messages[0]['content'] %}{% set rest = messages[1:] %}{% else %}{% set s = '' %}{% set rest = messages %}{% endif %}{{ bos_token }}{% for m in rest %}{% if (m['role'] == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('roles') }}{% endif %}{{ '[INST] ' ~ s ~ m['content'] | trim ~ ' [/INST]' }}{% endfor %}",
  '{%- macro turn(m) -%}<{{ m.role }}>{{ m.content | tojson }}{%- endmacro -%}{% for m in messages %}{{ turn(m) }}{% endfor %}{{ strftime_now("%Y") }}',
];
const names = [
  'x',
  'y',
  'm',
  'messages',
  'bos_token',
  'loop',
  'ns',
  'range',
  'f',
  'namespace',
  'none',
  'true',
  '__proto__',
  'this',
];
const filters = [
  'trim',
  'upper',
  'length',
  'list',
  'join(x)',
  "join('" + 'z'.repeat(50) + "')",
  'tojson',
  'tojson(indent=1000000)',
  'sort',
  'reverse',
  'indent(100000000)',
  'indent(width=9999)',
  "replace('', x)",
  "replace('a', x)",
  'map(attribute="role")',
  'selectattr("role")',
  'string',
  'int',
  'float',
  'items',
  'unique',
  'first',
  'last',
  'default("d")',
  'dictsort',
  'batch(2)',
  'safe',
  'nothing',
  'title',
];
const methods = [
  'split("")',
  "split('')",
  'strip()',
  'upper()',
  'items()',
  'get("x")',
  "replace('a', x)",
  "replace('', x)",
  'startswith("a")',
  'constructor',
  '__proto__',
  'constructor("return process")()',
  'append(x)',
  'keys()',
  'join(x)',
  'rstrip("a")',
  'content',
  'index',
];

export function templateFormat(): Format {
  return {
    name: 'template',
    sound: {},
    make(rng) {
      if (rng.next() < 0.25) return { 'chat_template.jinja': mutateBytes(rng, Buffer.from(pick(rng, sources))) };
      const grown = Array.from({ length: 1 + rng.integer(5) }, () => statement(rng, 4)).join('');
      return { 'chat_template.jinja': rng.next() < 0.3 ? grown + pick(rng, sources) : grown };
    },
    async use(folder) {
      const source = readFileSync(path.join(folder, 'chat_template.jinja'), 'utf8');
      const render = compileChatTemplate(source, { bos_token: '<s>', eos_token: '</s>' }, 'model', () => new Date(0));
      await refusable(async () => Promise.resolve(render(turns, true)));
      await refusable(async () => Promise.resolve(render([], false)));
    },
  };
}

const turns: readonly ChatMessage[] = Array.from({ length: 9 }, (_, i) => ({
  role: i === 0 ? 'system' : i % 2 === 1 ? 'user' : 'assistant',
  content: `Turn ${String(i)}: aaaa ${'word '.repeat(i * 5)}`,
}));

function statement(rng: Rng, depth: number): string {
  if (depth === 0) return rng.next() < 0.5 ? `{{ ${expression(rng, 1)} }}` : 'text';
  const body = (): string => Array.from({ length: 1 + rng.integer(2) }, () => statement(rng, depth - 1)).join('');
  switch (rng.integer(10)) {
    case 0:
      return `{% for ${pick(rng, names)} in ${iterable(rng)} %}${body()}{% endfor %}`;
    case 1:
      return `{% for x in range(${pick(rng, ['10', '40', '9999', '10000', '1000000000'])}) %}${body()}{% endfor %}`;
    case 2:
      return `{% set x = ${expression(rng, 3)} %}${body()}`;
    case 3: {
      // Doubles at every turn.
      const grow = pick(rng, [
        'ns.x ~ ns.x',
        'ns.x + ns.x',
        '[ns.x, ns.x]',
        "ns.x|replace('a', ns.x)",
        'ns.x|tojson',
        'ns.x|list',
      ]);
      const seed = pick(rng, ["'a'", '[1]', 'messages', "'\\n'", '{}', '1']);
      return `{% set ns = namespace(x=${seed}) %}{% for i in range(${pick(rng, ['20', '40', '200'])}) %}{% set ns.x = ${grow} %}{% endfor %}{{ ns.x${rng.next() < 0.5 ? '|length' : ''} }}`;
    }
    case 4:
      return `{% macro f(x) %}${rng.next() < 0.5 ? '{{ f(x) }}' : body()}{% endmacro %}{{ f(${expression(rng, 1)}) }}`;
    case 5:
      return `{% if ${expression(rng, 2)} %}${body()}{% else %}${body()}{% endif %}`;
    case 6:
      return `{{ ${expression(rng, 4)} }}`;
    case 7:
      return `{% ${pick(rng, ['include "/etc/passwd"', 'import os', 'raw', 'endfor', 'set', 'break', 'continue', 'call f()', 'filter upper'])} %}`;
    case 8: {
      const deep = pick(rng, [50, 300, rng.next() < 0.1 ? 30_000 : 1_000]);
      return `{{ ${'('.repeat(deep)}1${')'.repeat(deep)} }}${rng.next() < 0.3 ? '{% if 1 %}'.repeat(deep) : ''}`;
    }
    default:
      return hostileString(rng);
  }
}

function iterable(rng: Rng): string {
  return pick(rng, [
    'messages',
    'x',
    "'abc'",
    '[1,2,3]',
    '{"a":1}.items()',
    'messages[::-1]',
    'none',
    'range',
    "x.split('')",
    'messages * 3',
  ]);
}

function expression(rng: Rng, depth: number): string {
  if (depth === 0) {
    return pick(rng, [
      String(pick(rng, numbers)),
      JSON.stringify(hostileString(rng)),
      pick(rng, names),
      "'aaa'",
      '[]',
      '{}',
    ]);
  }
  const inner = (): string => expression(rng, depth - 1);
  switch (rng.integer(9)) {
    case 0:
      return `(${inner()} ${pick(rng, ['+', '-', '*', '/', '//', '%', '~', '**', 'and', 'or', 'in', 'not in', '==', '<', 'is'])} ${inner()})`;
    case 1:
      return `${inner()}|${pick(rng, filters)}`;
    case 2:
      return `${inner()}.${pick(rng, methods)}`;
    case 3:
      return `${inner()}[${rng.next() < 0.5 ? inner() : `${String(pick(rng, numbers))}:${String(pick(rng, numbers))}:${String(pick(rng, numbers))}`}]`;
    case 4:
      return `[${inner()}, ${inner()}]`;
    case 5:
      return `{${JSON.stringify(hostileString(rng))}: ${inner()}}`;
    case 6:
      return `${pick(rng, names)}(${inner()})`;
    case 7:
      return `(${inner()} if ${inner()} else ${inner()})`;
    default:
      return `${inner()} is ${pick(rng, ['defined', 'string', 'none', 'mapping', 'iterable', 'nothing'])}`;
  }
}
