// Renders icon.svg into the sizes that the packages need: `CHROMIUM_PATH=/usr/bin/chromium node resources/icons/render.mjs`.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from '@playwright/test';

const sizes = [16, 32, 48, 64, 128, 256, 512, 1024];
const folder = import.meta.dirname;
const svg = readFileSync(join(folder, 'icon.svg'), 'utf8');
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM_PATH, args: ['--no-sandbox'] });
const page = await browser.newPage();
for (const size of sizes) {
  await page.setViewportSize({ width: size, height: size });
  await page.setContent(`<style>body{margin:0}svg{display:block;width:${size}px;height:${size}px}</style>${svg}`);
  await page.screenshot({ path: join(folder, `${size}x${size}.png`), omitBackground: true });
}
await browser.close();
