/** strftime as Python's in the C locale. The template library's own takes month names from the machine's language. */
const months = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
] as const;
const days = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'] as const;

/** Local time; a directive that is not known stays as it is. */
export function formatTime(time: Date, format: string): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const month = months[time.getMonth()] ?? '';
  const day = days[time.getDay()] ?? '';
  const directives: Readonly<Record<string, string>> = {
    Y: String(time.getFullYear()),
    y: two(time.getFullYear() % 100),
    m: two(time.getMonth() + 1),
    d: two(time.getDate()),
    B: month,
    b: month.slice(0, 3),
    A: day,
    a: day.slice(0, 3),
    H: two(time.getHours()),
    I: two(time.getHours() % 12 === 0 ? 12 : time.getHours() % 12),
    p: time.getHours() < 12 ? 'AM' : 'PM',
    M: two(time.getMinutes()),
    S: two(time.getSeconds()),
    '%': '%',
  };
  return format.replace(/%(.)/g, (whole, letter: string) => directives[letter] ?? whole);
}
