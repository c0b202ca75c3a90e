/** How many values all lists begin with in common; 0 of no list. */
export function commonPrefix(lists: readonly ArrayLike<number>[]): number {
  const [first] = lists;
  if (first === undefined) return 0;
  let shared = 0;
  while (shared < first.length && lists.every((list) => list[shared] === first[shared])) shared += 1;
  return shared;
}
