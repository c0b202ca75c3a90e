import type { Page } from '@playwright/test';

/**
 * Texts that do not fit into their place: cut off without dots, or running over the edge of the window or of a button.
 * One line each; empty where all fit.
 */
export async function textsThatDoNotFit(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const found = new Set<string>();
    const tell = (element: Element, why: string): void => {
      found.add(`${why}: ${(element.textContent ?? '').trim().slice(0, 60)}`);
    };
    const controls = 'button, h1, h2, h3, label, dt, dd, th, legend, [role=tab], [role=radio], [role=columnheader]';
    for (const element of document.querySelectorAll<HTMLElement>(controls)) {
      const box = element.getBoundingClientRect();
      if (box.width < 2 || box.height < 2 || element.closest('.visually-hidden') !== null) continue;
      const { overflowX, textOverflow } = getComputedStyle(element);
      const wider = element.scrollWidth > element.clientWidth + 1 && element.clientWidth > 0;
      if (wider && overflowX !== 'auto' && overflowX !== 'scroll' && textOverflow !== 'ellipsis')
        tell(element, 'too wide');
      const scrolled = element.closest('[role=grid], [role=listbox], .scroller, table') !== null;
      if (box.right > innerWidth + 1 && !scrolled) tell(element, 'outside the window');
    }
    return [...found];
  });
}

/** The texts that can be read on the page, without what is empty. */
export async function textsOf(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const texts = new Set<string>();
    for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
      const text = (node.textContent ?? '').trim();
      if (text !== '') texts.add(text);
    }
    return [...texts];
  });
}
