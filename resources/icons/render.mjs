// Renders icon.svg into the sizes that the packages need, then icon.ico (Windows) and icon.icns (macOS) of them:
// `CHROMIUM_PATH=/usr/bin/chromium node resources/icons/render.mjs`; with --pack the two are made of the pictures as they are.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const sizes = [16, 32, 48, 64, 128, 256, 512, 1024];
const folder = import.meta.dirname;

/** @param {number} size */
const pictureOf = (size) => join(folder, `${size}x${size}.png`);

async function render() {
  const { chromium } = await import('@playwright/test');
  const svg = readFileSync(join(folder, 'icon.svg'), 'utf8');
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM_PATH, args: ['--no-sandbox'] });
  const page = await browser.newPage();
  for (const size of sizes) {
    await page.setViewportSize({ width: size, height: size });
    await page.setContent(`<style>body{margin:0}svg{display:block;width:${size}px;height:${size}px}</style>${svg}`);
    await page.screenshot({ path: pictureOf(size), omitBackground: true });
  }
  await browser.close();
}

/** Pictures in PNG form, which Windows reads since Vista. https://learn.microsoft.com/previous-versions/ms997538(v=msdn.10) */
function ico() {
  const entries = [16, 32, 48, 64, 128, 256];
  const pictures = entries.map((size) => readFileSync(pictureOf(size)));
  const head = Buffer.alloc(6 + 16 * entries.length);
  head.writeUInt16LE(1, 2);
  head.writeUInt16LE(entries.length, 4);
  let offset = head.length;
  for (const [i, size] of entries.entries()) {
    const at = 6 + 16 * i;
    // 0 stands for 256.
    head.writeUInt8(size % 256, at);
    head.writeUInt8(size % 256, at + 1);
    head.writeUInt16LE(1, at + 4);
    head.writeUInt16LE(32, at + 6);
    head.writeUInt32LE(pictures[i].length, at + 8);
    head.writeUInt32LE(offset, at + 12);
    offset += pictures[i].length;
  }
  return Buffer.concat([head, ...pictures]);
}

/** Chunks with a name of four letters for each size, those of high density among them. */
const icnsChunks = { ic07: 128, ic08: 256, ic09: 512, ic10: 1024, ic11: 32, ic12: 64, ic13: 256, ic14: 512 };

function icns() {
  const chunks = Object.entries(icnsChunks).map(([name, size]) => chunk(name, readFileSync(pictureOf(size))));
  return chunk('icns', Buffer.concat(chunks));
}

/**
 * @param {string} name
 * @param {Buffer} content
 */
function chunk(name, content) {
  const head = Buffer.alloc(8);
  head.write(name, 'latin1');
  head.writeUInt32BE(head.length + content.length, 4);
  return Buffer.concat([head, content]);
}

if (!process.argv.includes('--pack')) await render();
writeFileSync(join(folder, 'icon.ico'), ico());
writeFileSync(join(folder, 'icon.icns'), icns());
