import { expect, test } from 'vitest';
import { createClient } from '../../../../src-renderer/bridge/client.ts';
import { DataPreviewState, type PreviewSubject } from '../../../../src-renderer/state/dataPreview.svelte.ts';
import { createFakeBridge } from '../../../renderer/fakeBridge.ts';

const data = {
  path: '/d.jsonl',
  validationShare: 0.1,
  template: 'chat',
  completionOnly: true,
  skipBadRows: true,
} as const;
const subject: PreviewSubject = { model: '/m', data, sequenceLength: 256, seed: 0 };

function previewOver(rows = 1_000_000) {
  const bridge = createFakeBridge({ scene: 'data', rows });
  const asked = () =>
    bridge.requests
      .filter(({ route }) => route === 'data.preview')
      .map(({ input }) => (input as { from: number }).from);
  return { preview: new DataPreviewState(createClient(bridge)), asked, bridge };
}

async function settled() {
  await new Promise((resolve) => setTimeout(resolve, 25));
}

test('only the pages that are looked at are fetched, each once', async () => {
  const { preview, asked } = previewOver();
  preview.show(subject);
  await settled();
  preview.need(0, 30);
  preview.need(980_000, 980_060);
  preview.need(980_010, 980_070);
  await settled();
  expect(asked()).toEqual([0, 980_000, 980_050]);
  expect([preview.total, preview.rowAt(980_001)?.row]).toEqual([1_000_000, 980_002]);
  expect(preview.rowAt(500_000)).toBeUndefined();
});

// Would catch: memory that grows with every row scrolled past.
test('far pages are forgotten and fetched again when they are looked at', async () => {
  const { preview, asked } = previewOver();
  preview.show(subject);
  for (let page = 0; page < 60; page++) preview.need(page * 50, page * 50);
  await settled();
  expect(preview.rowAt(0)).toBeUndefined();
  preview.need(0, 0);
  await settled();
  expect(preview.rowAt(0)?.row).toBe(1);
  expect(asked().filter((from) => from === 0)).toHaveLength(2);
});

test('a change of how rows look fetches them again and keeps the place; a change of the share does not', async () => {
  const { preview, asked } = previewOver();
  preview.show(subject);
  await settled();
  preview.selected = 120;
  preview.show({ ...subject, data: { ...data, validationShare: 0.3 } });
  await settled();
  expect(asked()).toEqual([0]);
  preview.show({ ...subject, data: { ...data, template: 'plain' } });
  await settled();
  expect(asked()).toEqual([0, 100]);
  expect(preview.rowAt(120)?.rendered).not.toContain('<|im_start|>');
});

test('another file starts at its first row', async () => {
  const { preview } = previewOver();
  preview.show(subject);
  preview.selected = 400;
  preview.show({ ...subject, data: { ...data, path: '/e.jsonl' } });
  expect(preview.selected).toBe(0);
});

test('a failure is shown and a retry clears it', async () => {
  const failing = { 'data.preview': { code: 'DATA_INVALID', message: 'Row 3.' } } as {
    'data.preview'?: { code: 'DATA_INVALID'; message: string };
  };
  const bridge = createFakeBridge({ scene: 'data', failing });
  const preview = new DataPreviewState(createClient(bridge));
  preview.show(subject);
  await settled();
  expect(preview.failure?.code).toBe('DATA_INVALID');
  delete failing['data.preview'];
  await preview.retry();
  expect([preview.failure, preview.rowAt(0)?.row]).toEqual([undefined, 1]);
});
