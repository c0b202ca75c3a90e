import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';

/** What axe finds depends on the theme in these rules alone. */
const colourRules = ['color-contrast', 'link-in-text-block'];

/**
 * Serious and critical findings of axe on the page as it is, one line each; empty when there are none.
 * @param only `colours` for a page that was looked at whole in another theme
 */
export async function seriousFindings(page: Page, only?: 'colours'): Promise<string[]> {
  // The usual mode opens a blank page, which Electron refuses.
  const axe = new AxeBuilder({ page }).setLegacyMode(true);
  const { violations } = await (only === undefined ? axe : axe.withRules(colourRules)).analyze();
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`);
}
