import type { MenuItemConstructorOptions } from 'electron';
import { expect, test, vi } from 'vitest';
import { endNotice } from '../../../src-main/app/endNotice.ts';
import { menuTemplate, type MenuActions, type MenuFacts } from '../../../src-main/app/menuTemplate.ts';
import type { JobSummary } from '../../../src-main/contract/jobs.ts';
import { changingCommands, menuCommands } from '../../../src-main/contract/menu.ts';

const facts: MenuFacts = {
  mac: false,
  development: false,
  language: 'en',
  enabled: [],
  recentModels: [],
  recentData: [],
};
const actions = (): MenuActions => ({
  send: vi.fn(),
  openRecent: vi.fn(),
  clearRecent: vi.fn(),
  showLogs: vi.fn(),
  showLicences: vi.fn(),
});

function all(items: readonly MenuItemConstructorOptions[]): MenuItemConstructorOptions[] {
  return items.flatMap((item) => [item, ...(Array.isArray(item.submenu) ? all(item.submenu) : [])]);
}
const press = (item: MenuItemConstructorOptions | undefined): void => {
  (item?.click as (() => void) | undefined)?.();
};

// Would catch: a command that was added and has no place in the menu, on one of the systems.
test.each([true, false])('every command is in the menu once and does what it says (mac: %s)', (mac) => {
  const does = actions();
  const items = all(menuTemplate({ ...facts, mac }, does));
  for (const command of menuCommands) {
    const found = items.filter(({ id }) => id === command);
    expect([command, found.length]).toEqual([command, 1]);
    press(found[0]);
    expect(does.send).toHaveBeenLastCalledWith(command);
  }
});

test('no two entries share their keys, and every entry has its words in both languages', () => {
  for (const language of ['en', 'zh'] as const) {
    const items = all(menuTemplate({ ...facts, language, development: true }, actions()));
    const keys = items.map(({ accelerator }) => accelerator).filter((accelerator) => accelerator !== undefined);
    expect(new Set(keys).size).toBe(keys.length);
    const mute = items.filter(({ type, label, visible }) => type !== 'separator' && visible !== false && !label);
    expect(mute).toEqual([]);
  }
  const words = (language: 'en' | 'zh'): (string | undefined)[] =>
    all(menuTemplate({ ...facts, language }, actions())).map(({ label }) => label);
  const same = words('zh').filter((label) => label !== undefined && words('en').includes(label));
  expect(same).toEqual([]);
});

test('what makes no sense now cannot be chosen', () => {
  const stateOf = (enabled: MenuFacts['enabled']): Record<string, boolean | undefined> => {
    const items = all(menuTemplate({ ...facts, enabled }, actions()));
    return Object.fromEntries(changingCommands.map((id) => [id, items.find((item) => item.id === id)?.enabled]));
  };
  expect(Object.values(stateOf([]))).toEqual(changingCommands.map(() => false));
  expect(stateOf(['pause', 'stop'])).toMatchObject({ pause: true, stop: true, continue: false, checkpoint: false });
});

test('recent files are listed and opened as what they are', () => {
  const does = actions();
  const file = (path: string) => ({ path, name: path.slice(3), openedAt: '' });
  const items = all(
    menuTemplate({ ...facts, recentModels: [file('/m/tiny')], recentData: [file('/d/rows.csv')] }, does),
  );
  press(items.find(({ label }) => label === 'rows.csv'));
  expect(does.openRecent).toHaveBeenCalledWith('data', '/d/rows.csv');
  press(items.find(({ label }) => label === 'tiny'));
  expect(does.openRecent).toHaveBeenLastCalledWith('model', '/m/tiny');
  expect(all(menuTemplate(facts, does)).find(({ label }) => label === 'Nothing Yet')?.enabled).toBe(false);
});

const job: JobSummary = {
  id: '1',
  kind: 'train.run',
  about: { subject: 'tiny', other: 'rows' },
  state: 'done',
  startedAt: 0,
};

test('the end of long work is told in the language of the window', () => {
  expect(endNotice(job, 'en')).toEqual({ title: 'Training finished', body: 'Train tiny on rows' });
  expect(endNotice(job, 'zh')).toEqual({ title: '训练完成', body: '用 rows 训练 tiny' });
  const error = { code: 'DISK_FULL', message: 'The disk is full.' } as const;
  expect(endNotice({ ...job, state: 'failed', error }, 'en')).toEqual({
    title: 'Training ended early',
    body: 'Train tiny on rows\nThe disk is full.',
  });
});

test('nothing is told of work that goes on, that the person ended, or that takes a moment', () => {
  for (const state of ['queued', 'running', 'paused', 'cancelled'] as const) {
    expect(endNotice({ ...job, state }, 'en')).toBeUndefined();
  }
  expect(endNotice({ ...job, kind: 'generate.run' }, 'en')).toBeUndefined();
});
