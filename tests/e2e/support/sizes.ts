/** Looks for what a person cannot get to see: text and controls that are clipped where nothing scrolls. */
import type { Page } from '@playwright/test';

export interface Size {
  readonly width: number;
  readonly height: number;
  /** 2 is a zoom of 200 %: half the size in CSS pixels. */
  readonly zoom: number;
}

/** Draws the page as in a window of this size; undefined takes the window's own again. */
export async function drawAs(page: Page, size: Size | undefined): Promise<void> {
  const session = await page.context().newCDPSession(page);
  if (size === undefined) await session.send('Emulation.clearDeviceMetricsOverride');
  else {
    const { width, height, zoom } = size;
    await session.send('Emulation.setDeviceMetricsOverride', {
      width: width / zoom,
      height: height / zoom,
      deviceScaleFactor: zoom,
      mobile: false,
    });
  }
  await session.detach();
  // Charts take their new size with the next frames.
  await page.waitForTimeout(250);
}

/** What is cut off, one line each; empty when everything can be seen or scrolled to. */
export async function cutOff(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const tolerance = 1.5;
    const axes = [
      ['left', 'right', 'overflowX', 'scrollLeft'],
      ['top', 'bottom', 'overflowY', 'scrollTop'],
    ] as const;

    function hiddenOnPurpose(element: Element): boolean {
      if (element.closest('.visually-hidden, [aria-hidden="true"], .skip, [inert], canvas, svg')) return true;
      const style = getComputedStyle(element);
      return style.visibility === 'hidden' || style.display === 'none' || !element.checkVisibility();
    }

    /** The axis on which a box cannot be seen or scrolled to; undefined where it can. */
    function lost(start: Element, box: DOMRect): string | undefined {
      for (const [from, to, overflow, scrolled] of axes) {
        let [low, high] = [box[from], box[to]];
        let fixed = false;
        for (let at: Element | null = start; at !== null && !fixed; at = at.parentElement) {
          const style = getComputedStyle(at);
          const bounds = at.getBoundingClientRect();
          const kind = style[overflow];
          if (at !== start || at.matches('p, span, dd, dt, td, th, h1, h2, h3, label')) {
            if (kind === 'auto' || kind === 'scroll') {
              // Before the beginning of what scrolls nothing can be reached.
              if (low < bounds[from] - at[scrolled] - tolerance) return `${from} of ${at.tagName}.${at.className}`;
              [low, high] = [Math.max(low, bounds[from]), Math.min(high, bounds[to])];
              if (low > high) [low, high] = [bounds[from], bounds[to]];
            } else if (kind === 'hidden' || kind === 'clip') {
              const shortened = style.textOverflow === 'ellipsis' && overflow === 'overflowX';
              if (shortened) [low, high] = [Math.max(low, bounds[from]), Math.min(high, bounds[to])];
              else if (low < bounds[from] - tolerance || high > bounds[to] + tolerance)
                return `${overflow} of ${at.tagName}.${at.className}`;
            }
          }
          fixed = style.position === 'fixed';
        }
        const most = overflow === 'overflowX' ? innerWidth : innerHeight;
        if (low < -tolerance || high > most + tolerance) return `${overflow} of the window`;
      }
      return undefined;
    }

    const found: string[] = [];
    // Tables and code may scroll to the side; what holds the view's title or its main action may not.
    for (const start of document.querySelectorAll('main h1, [data-primary-action]')) {
      for (let at = start.parentElement; at !== null; at = at.parentElement) {
        if (at.scrollWidth > at.clientWidth + tolerance) found.push(`${at.tagName}.${at.className} is too wide`);
      }
    }
    for (const element of document.querySelectorAll('body *')) {
      const control = element.matches(
        'button, a[href], input, select, textarea, [role=slider], [role=tab], [role=radio]',
      );
      const texts = [...element.childNodes].filter((node) => node.nodeType === 3 && node.textContent?.trim() !== '');
      if ((!control && texts.length === 0) || hiddenOnPurpose(element)) continue;
      const boxes = control ? [element.getBoundingClientRect()] : [];
      for (const text of texts) {
        const range = document.createRange();
        range.selectNodeContents(text);
        boxes.push(...range.getClientRects());
      }
      for (const box of boxes) {
        if (box.width === 0 || box.height === 0) continue;
        const where = lost(element, box);
        if (where === undefined) continue;
        const words = `${element.textContent} ${element.getAttribute('aria-label') ?? ''}`.trim().slice(0, 40);
        found.push(`${element.tagName.toLowerCase()} “${words}”: ${where}`);
        break;
      }
    }
    return found;
  });
}
