/** Lists of numbers as a person writes them: `0.001, 0.003`, and for whole numbers also `0-5, 8`. Pure. */

export interface NumberListRule {
  readonly min: number;
  readonly max: number;
  readonly integer?: boolean;
  /** Most numbers in a list. */
  readonly most?: number;
}

/** The numbers in the order given, each once; undefined when a part is none, or one lies outside the bounds. */
export function parseNumberList(text: string, rule: NumberListRule): readonly number[] | undefined {
  const parts = text.split(/[,;\s]+/).filter((part) => part !== '');
  const numbers: number[] = [];
  for (const part of parts) {
    const range = rule.integer ? /^(\d+)[-–](\d+)$/.exec(part) : null;
    const [from, to] = range ? [Number(range[1]), Number(range[2])] : [Number(part), Number(part)];
    if (!(from >= rule.min && to <= rule.max && from <= to)) return undefined;
    if (rule.integer && !Number.isInteger(from)) return undefined;
    if (numbers.length + to - from > (rule.most ?? 64)) return undefined;
    for (let number = from; number <= to; number++) numbers.push(number);
  }
  const once = [...new Set(numbers)];
  return once.length > (rule.most ?? 64) ? undefined : once;
}

/** The shortest way to write a number that reads back as the same. */
export function writeNumber(value: number): string {
  const plain = String(value);
  const short = value.toExponential().replace('e+', 'e');
  return short.length < plain.length ? short : plain;
}
