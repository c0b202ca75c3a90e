/**
 * Chat formats in common use, as templates in Jinja, for models without a template of their own or in its place. Layouts
 * follow what the makers of the models publish; the last answer always ends with an end token. No zod, no Node.
 */

export interface ChatFormat {
  readonly name: string;
  readonly template: string;
}

/** Puts a system turn in front of the first user turn, for layouts without one. */
const foldedSystem =
  "{% if messages[0]['role'] == 'system' %}{% set lead = messages[0]['content'] + '\\n\\n' %}{% set turns = messages[1:] %}" +
  "{% else %}{% set lead = '' %}{% set turns = messages %}{% endif %}";
const content = "{{ (lead if loop.first else '') + message['content'] }}";

export const chatFormats = {
  chatml: {
    name: 'ChatML',
    template:
      "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>\\n' }}{% endfor %}" +
      "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}",
  },
  llama3: {
    name: 'Llama 3',
    template:
      "{{ bos_token }}{% for message in messages %}{{ '<|start_header_id|>' + message['role'] + '<|end_header_id|>\\n\\n' + message['content'] + '<|eot_id|>' }}{% endfor %}" +
      "{% if add_generation_prompt %}{{ '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}{% endif %}",
  },
  mistral: {
    name: 'Mistral',
    template:
      foldedSystem +
      '{{ bos_token }}{% for message in turns %}' +
      `{% if message['role'] == 'user' %}{{ '[INST] ' }}${content}{{ ' [/INST]' }}` +
      "{% else %}{{ ' ' + message['content'] + eos_token }}{% endif %}{% endfor %}",
  },
  gemma: {
    name: 'Gemma',
    template:
      foldedSystem +
      '{{ bos_token }}{% for message in turns %}' +
      "{{ '<start_of_turn>' + ('model' if message['role'] == 'assistant' else 'user') + '\\n' }}" +
      `${content}{{ '<end_of_turn>\\n' }}{% endfor %}` +
      "{% if add_generation_prompt %}{{ '<start_of_turn>model\\n' }}{% endif %}",
  },
  phi3: {
    name: 'Phi-3',
    template:
      "{% for message in messages %}{{ '<|' + message['role'] + '|>\\n' + message['content'] + '<|end|>\\n' }}{% endfor %}" +
      "{% if add_generation_prompt %}{{ '<|assistant|>\\n' }}{% endif %}",
  },
  zephyr: {
    name: 'Zephyr',
    template:
      "{% for message in messages %}{{ '<|' + message['role'] + '|>\\n' + message['content'] + eos_token + '\\n' }}{% endfor %}" +
      "{% if add_generation_prompt %}{{ '<|assistant|>\\n' }}{% endif %}",
  },
  vicuna: {
    name: 'Vicuna',
    template:
      "{{ bos_token }}{% for message in messages %}{% if message['role'] == 'system' %}{{ message['content'] + '\\n\\n' }}" +
      "{% elif message['role'] == 'user' %}{{ 'USER: ' + message['content'] + ' ' }}" +
      "{% else %}{{ 'ASSISTANT: ' + message['content'] + eos_token + '\\n' }}{% endif %}{% endfor %}" +
      "{% if add_generation_prompt %}{{ 'ASSISTANT: ' }}{% endif %}",
  },
  alpaca: {
    name: 'Alpaca',
    template:
      "{% for message in messages %}{% if message['role'] == 'system' %}{{ message['content'] + '\\n\\n' }}" +
      "{% elif message['role'] == 'user' %}{{ '### Instruction:\\n' + message['content'] + '\\n\\n' }}" +
      "{% else %}{{ '### Response:\\n' + message['content'] + eos_token + '\\n\\n' }}{% endif %}{% endfor %}" +
      "{% if add_generation_prompt %}{{ '### Response:\\n' }}{% endif %}",
  },
} as const satisfies Record<string, ChatFormat>;

export type ChatFormatName = keyof typeof chatFormats;

/** The known format that a template is; undefined for any other. */
export function chatFormatOf(template: string): ChatFormatName | undefined {
  return chatFormatNames.find((name) => chatFormats[name].template === template);
}

export const chatFormatNames = Object.keys(chatFormats) as readonly ChatFormatName[];
