/** Number of the user `nobody`, who owns nothing. */
export const nobody = 65_534;

/** Does `work` with the rights of an ordinary person: to root, whom containers run tests as, no folder is read-only. */
export async function asOrdinaryPerson<T>(work: () => Promise<T>): Promise<T> {
  const { geteuid, seteuid } = process;
  if (geteuid?.() !== 0 || seteuid === undefined) return work();
  seteuid(nobody);
  try {
    return await work();
  } finally {
    seteuid(0);
  }
}
