/** Chat templates of the formats in wide use, as their models' tokenizer_config.json lay turns out. */
export interface KnownTemplate {
  readonly name: string;
  readonly jinja: string;
  readonly special: Readonly<Record<string, string>>;
}

const generation = (text: string): string => `{% if add_generation_prompt %}${text}{% endif %}`;

export const knownTemplates: readonly KnownTemplate[] = [
  {
    name: 'chatml',
    special: { eos_token: '<|im_end|>' },
    jinja: `{% for message in messages %}{{'<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n'}}{% endfor %}${generation("{{ '<|im_start|>assistant\\n' }}")}`,
  },
  {
    name: 'chatml with a system turn of its own',
    special: { eos_token: '<|im_end|>' },
    jinja: `{% for message in messages %}{% if loop.first and messages[0]['role'] != 'system' %}{{ '<|im_start|>system\\nYou are helpful.<|im_end|>\\n' }}{% endif %}{{'<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n'}}{% endfor %}${generation("{{ '<|im_start|>assistant\\n' }}")}`,
  },
  {
    name: 'llama-3',
    special: { bos_token: '<|begin_of_text|>' },
    jinja: `{% for message in messages %}{% set content = '<|start_header_id|>' + message['role'] + '<|end_header_id|>\\n\\n' + message['content'] | trim + '<|eot_id|>' %}{% if loop.index0 == 0 %}{% set content = bos_token + content %}{% endif %}{{ content }}{% endfor %}${generation("{{ '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}")}`,
  },
  {
    name: 'gemma',
    special: { bos_token: '<bos>' },
    jinja: `{{ bos_token }}{% if messages[0]['role'] == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}{% for message in messages %}{% if message['role'] == 'assistant' %}{% set role = 'model' %}{% else %}{% set role = message['role'] %}{% endif %}{{ '<start_of_turn>' + role + '\\n' + message['content'] | trim + '<end_of_turn>\\n' }}{% endfor %}${generation("{{ '<start_of_turn>model\\n' }}")}`,
  },
  {
    name: 'gemma 3, the system turn within the first user turn',
    special: { bos_token: '<bos>' },
    jinja: `{{ bos_token }}{% if messages[0]['role'] == 'system' %}{% set prefix = messages[0]['content'] + '\\n\\n' %}{% set turns = messages[1:] %}{% else %}{% set prefix = '' %}{% set turns = messages %}{% endif %}{% for message in turns %}{% if message['role'] == 'assistant' %}{% set role = 'model' %}{% else %}{% set role = message['role'] %}{% endif %}{{ '<start_of_turn>' + role + '\\n' + (prefix if loop.first else '') + message['content'] + '<end_of_turn>\\n' }}{% endfor %}${generation("{{ '<start_of_turn>model\\n' }}")}`,
  },
  {
    name: 'phi-3',
    special: { eos_token: '<|endoftext|>' },
    jinja: `{% for message in messages %}{{ '<|' + message['role'] + '|>\\n' + message['content'] + '<|end|>\\n' }}{% endfor %}${generation("{{ '<|assistant|>\\n' }}")}`,
  },
  {
    name: 'mistral',
    special: { bos_token: '<s>', eos_token: '</s>' },
    jinja: `{{ bos_token }}{% for message in messages %}{% if message['role'] == 'user' %}{{ '[INST] ' + message['content'] + ' [/INST]' }}{% elif message['role'] == 'assistant' %}{{ message['content'] + eos_token + ' ' }}{% else %}{{ raise_exception('Only user and assistant roles are supported') }}{% endif %}{% endfor %}`,
  },
  {
    name: 'zephyr',
    special: { eos_token: '</s>' },
    jinja: `{% for message in messages %}{{ '<|' + message['role'] + '|>\\n' + message['content'] + eos_token + '\\n' }}{% endfor %}${generation("{{ '<|assistant|>\\n' }}")}`,
  },
];
