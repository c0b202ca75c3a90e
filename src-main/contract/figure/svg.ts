/** SVG as text. Pure; a figure looks the same in the window, in a file and as PNG. */

export type Attributes = Readonly<Record<string, string | number | undefined>>;

/** One element with its content, which is SVG already (see {@link label} for text). */
export function element(name: string, attributes: Attributes, ...content: readonly string[]): string {
  const written = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}="${typeof value === 'number' ? rounded(value) : escaped(value ?? '')}"`)
    .join('');
  return content.length === 0 ? `<${name}${written}/>` : `<${name}${written}>${content.join('')}</${name}>`;
}

export function group(attributes: Attributes, ...content: readonly string[]): string {
  return element('g', attributes, ...content);
}

export function line(x1: number, y1: number, x2: number, y2: number, attributes: Attributes): string {
  return element('line', { x1, y1, x2, y2, ...attributes });
}

export function rectangle(x: number, y: number, width: number, height: number, attributes: Attributes): string {
  return element('rect', { x, y, width: Math.max(0, width), height: Math.max(0, height), ...attributes });
}

export function circle(cx: number, cy: number, r: number, attributes: Attributes): string {
  return element('circle', { cx, cy, r, ...attributes });
}

/** A line through points. */
export function polyline(points: readonly (readonly [number, number])[], attributes: Attributes): string {
  const written = points.map(([x, y]) => `${rounded(x)},${rounded(y)}`).join(' ');
  return element('polyline', { points: written, fill: 'none', ...attributes });
}

/** A filled outline through points. */
export function polygon(points: readonly (readonly [number, number])[], attributes: Attributes): string {
  return element('polygon', { points: points.map(([x, y]) => `${rounded(x)},${rounded(y)}`).join(' '), ...attributes });
}

/** A text; a letter after an underscore is set as an index: W_q, s_i. */
export function label(text: string, x: number, y: number, attributes: Attributes = {}): string {
  const [first = '', ...rest] = text.split(/_(?=[a-z]\b)/);
  const indexed = rest.map((part) => {
    // A tspan's `em` is its own size: down by a fifth of the text's, and up again for what follows.
    const index = element('tspan', { dy: '0.27em', 'font-size': '0.75em' }, escaped(part.slice(0, 1)));
    return part.length === 1 ? index : index + element('tspan', { dy: '-0.2em' }, escaped(part.slice(1)));
  });
  return element('text', { x, y, ...attributes }, escaped(first), ...indexed);
}

function rounded(value: number): string {
  return String(Math.round(value * 100) / 100);
}

function escaped(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;');
}
