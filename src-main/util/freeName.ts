/** A name that every file system takes, with a number where it is taken: `model`, `model 2`, … */
export function freeName(wanted: string, isTaken: (name: string) => boolean): string {
  const allowed = wanted.replace(/[<>:"/\\|?*\p{Cc}]+/gu, '-').replace(/^[. ]+|[. ]+$/g, '');
  const name = allowed === '' ? 'model' : allowed;
  for (let number = 1; ; number++) {
    const candidate = number === 1 ? name : `${name} ${number}`;
    if (!isTaken(candidate)) return candidate;
  }
}
