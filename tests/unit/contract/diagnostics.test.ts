import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { diagnosticsText, type DiagnosticsFacts } from '../../../src-main/contract/diagnostics.ts';
import { withoutPrivate, type PrivateNames } from '../../../src-main/contract/privateText.ts';
import { trainConfigSchema } from '../../../src-main/contract/requests.schema.ts';
import { settingsSchema } from '../../../src-main/contract/settings.schema.ts';

const names: PrivateNames = {
  user: 'mara',
  host: 'mara-laptop',
  folders: ['/home/mara', '/home/mara/SARA Studio', '/home/mara/.cache/sara-studio', '/tmp'],
  program: '/opt/SARA Studio/resources/app.asar',
};

describe('a text for others', () => {
  it.each([
    ['a file of the home folder', 'ENOENT: open /home/mara/My Data/patients of 2026.jsonl', /patients|mara|Data/],
    [
      'a run with spaces in its name',
      'The run /home/mara/SARA Studio/runs/2026-03-01 secret model sara: it ended.',
      /secret|runs/,
    ],
    ['another drive', 'Cannot read /mnt/clinic/Rows of ward 7/list.csv now', /clinic|ward|list/],
    ['a Windows path', String.raw`open C:\Users\mara\Documents\clients list.csv failed`, /Users|clients/],
    ['a share', String.raw`open \\nas\private\rows.csv failed`, /nas|private|rows/],
    ['the user’s name alone', 'Process of mara on mara-laptop', /mara/],
    ['a token of the hub', 'authorization: Bearer hf_abcdefghijklmnop', /hf_|abcdef/],
    ['a token in a variable', 'TOKEN=s3cr3tvalue', /s3cr3t/],
    [
      'a row in quotation marks',
      'Unexpected token, "Dear Dr. Meyer, my lab results"... is not valid JSON',
      /Meyer|lab/,
    ],
    ['a row as JSON', 'A frame was not understood: {"prompt":"Where does Anna live?"}', /Anna|live/],
    ['a row in single quotes', "Cannot parse 'Anna lives here' in row 3", /Anna/],
    ['an address', 'GET https://intranet.example.org/rows?id=7 answered 500', /intranet|example/],
    ['an e-mail address', 'from mara.k@example.org', /example/],
    ['a number of the network', 'connect 192.168.4.20:8265 refused', /192/],
  ])('holds nothing of %s', (_what, line, secret) => {
    expect(withoutPrivate(line, names)).not.toMatch(secret);
  });

  it('keeps what tells of the fault: times, codes, places in the program, versions, plain words', () => {
    const line =
      '2026-03-01T10:00:00.000Z error train.run failed: AppError: No room. at run (/opt/SARA Studio/resources/app.asar/out/engine/engine.cjs:120:4) exit code 9';
    const clean = withoutPrivate(line, names);
    for (const part of [
      '2026-03-01T10:00:00.000Z',
      'train.run failed',
      '<program>/out/engine/engine.cjs:120:4',
      'code 9',
    ]) {
      expect(clean).toContain(part);
    }
    expect(withoutPrivate('TensorFlow 2.18.1, 12 tokens/s and 3/4 of it', names)).toBe(
      'TensorFlow 2.18.1, 12 tokens/s and 3/4 of it',
    );
  });

  test('no line lets the name of a file under a private folder through', () => {
    const word = fc.stringMatching(/^[a-z]{3,8}$/).map((text) => `zq${text}`);
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 4 }), fc.constantFrom(' ', '/'), (words, between) => {
        const file = `/home/mara/${words.join(between)}.txt`;
        expect(withoutPrivate(`error: cannot read ${file}: broken`, names)).not.toContain('zq');
      }),
    );
  });
});

test('the file tells versions, device with the reason, settings and log, and no path, prompt or row of the training', () => {
  const training = trainConfigSchema.parse({
    model: '/home/mara/models/private',
    data: { path: '/home/mara/rows.jsonl', systemPrompt: 'You are the clinic’s assistant.' },
    method: { name: 'sara', threshold: 0.05 },
    samplePrompts: ['Who is patient 7?'],
  });
  const facts: DiagnosticsFacts = {
    madeAt: '2026-03-01T10:00:00.000Z',
    appVersion: '0.1.0',
    platform: 'linux x64',
    versions: { electron: '25.1.1', node: '18.15.0' },
    report: {
      package: '@tensorflow/tfjs-node-gpu',
      packageVersion: '4.22.0',
      tensorflowVersion: '2.18.1',
      flavour: 'cpu',
      device: 'cpu',
      noGpuReason: 'There is no NVIDIA driver on this machine.',
      oneDnn: true,
      threads: 2,
      cpu: 'A processor',
      cores: 2,
      totalMemory: 16e9,
      availableMemory: 8e9,
      node: '18.15.0',
      startMilliseconds: 400,
    },
    settings: settingsSchema.parse({ theme: 'dark', showAllSettings: true }),
    training,
    environment: { TF_ENABLE_ONEDNN_OPTS: '1' },
    log: Array.from(
      { length: 1000 },
      (_, i) => `2026-03-01T10:00:00.000Z info  line ${String(i)} of /home/mara/x.jsonl`,
    ),
  };
  const text = diagnosticsText(facts, names);
  for (const told of [
    'SARA Studio 0.1.0',
    '25.1.1',
    '2.18.1',
    'no NVIDIA driver',
    '2 engine threads',
    'theme: dark',
    'threshold 0.05',
    'TF_ENABLE_ONEDNN_OPTS: 1',
    'line 999',
  ]) {
    expect(text).toContain(told);
  }
  expect(text).not.toMatch(/mara|patient|clinic|rows\.jsonl|line 10 /);
  // The engine that does not start is the case in which the file is needed most.
  expect(diagnosticsText({ ...facts, report: 'libtensorflow is missing' }, names)).toContain(
    'libtensorflow is missing',
  );
});
