/** Templates in Go's syntax as Ollama runs them. Source: ollama, docs/template.mdx and template/template.go. */
import type { ChatShape } from './chatShape.ts';

/**
 * The template of a chat: `.System` is the system turn, `.Messages` all turns. No trim markers: every character counts.
 */
export function goChatTemplate({ opening, between, next, close, system }: ChatShape): string {
  const head =
    system === undefined
      ? literal(opening)
      : `{{ if .System }}${literal(system.before)}{{ .System }}${literal(system.after)}{{ else }}${literal(opening)}{{ end }}`;
  return [
    head,
    '{{ $later := false }}',
    '{{ range .Messages }}',
    `{{ if eq .Role "user" }}{{ if $later }}${literal(next)}{{ end }}{{ .Content }}{{ $later = true }}`,
    `{{ else if eq .Role "assistant" }}${literal(between)}{{ .Content }}`,
    '{{ end }}{{ end }}',
    literal(close),
  ].join('');
}

/** The plain layout: each turn on a line of its own, an answer followed by the end token. */
export function goPlainTemplate(endToken: string): string {
  return `{{ range .Messages }}{{ .Content }}{{ if eq .Role "assistant" }}${literal(endToken)}{{ else }}\n{{ end }}{{ end }}`;
}

/** Text to be continued as it is. */
export const goTextTemplate = '{{ .Prompt }}';

/** Braces of the template language stand as a string of it. */
function literal(text: string): string {
  return text.replace(/\{\{|\}\}/g, (braces) => `{{ "${braces}" }}`);
}
