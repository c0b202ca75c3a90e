import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { initWasm, Resvg } from '@resvg/resvg-wasm';

/** Pixels for each unit of a figure, so that it is sharp in print and on dense screens. */
const density = 2;

const fonts = ['DejaVuSans.ttf', 'DejaVuSans-Bold.ttf'];

let ready: Promise<unknown> | undefined;

/** A figure as PNG. Its text is drawn with DejaVu Sans on every computer. */
export async function rasterise(svg: string): Promise<Uint8Array> {
  const { resolve } = createRequire(__filename);
  ready ??= readFile(resolve('@resvg/resvg-wasm/index_bg.wasm')).then(async (wasm) => initWasm(wasm));
  await ready;
  const fontBuffers = await Promise.all(
    fonts.map(async (name) => new Uint8Array(await readFile(resolve(`dejavu-fonts-ttf/ttf/${name}`)))),
  );
  const picture = new Resvg(svg, {
    fitTo: { mode: 'zoom', value: density },
    font: { fontBuffers, defaultFontFamily: 'DejaVu Sans', sansSerifFamily: 'DejaVu Sans' },
  });
  try {
    return picture.render().asPng();
  } finally {
    picture.free();
  }
}
