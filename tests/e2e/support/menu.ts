import type { ElectronApplication } from '@playwright/test';

/** Chooses an entry of the native menu, which no click of the test can reach. */
export async function clickMenu(electron: ElectronApplication, menu: string, entry: string): Promise<void> {
  const found = await electron.evaluate(
    ({ Menu }, [menuName, entryName]) => {
      const items = Menu.getApplicationMenu()?.items ?? [];
      const item = items
        .find(({ label, role }) => label === menuName || role === menuName?.toLowerCase())
        ?.submenu?.items.find(({ label }) => label === entryName);
      item?.click();
      return item !== undefined;
    },
    [menu, entry] as const,
  );
  if (!found) throw new Error(`There is no ${entry} in the menu ${menu}.`);
}
