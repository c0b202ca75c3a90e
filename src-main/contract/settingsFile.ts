/** A run's settings as a file for another person or computer: everything but where model and data lie. */
import type { DataConfig, TrainConfig } from './requests.schema.ts';
import type { SettingsFile } from './settingsFile.schema.ts';

export const settingsFileFormat = 'sara-run-settings';
export const settingsFileVersion = 1;
/** How the names of such files end, by which a dropped one is known. */
export const settingsFileEnding = '.sara.json';

/** The last part of a path of any system. */
function nameIn(path: string): string {
  return (
    path
      .split(/[/\\]/)
      .filter((part) => part !== '')
      .at(-1) ?? path
  );
}

/** What the file of a run's settings holds. Paths become names: they mean nothing elsewhere and tell of the person. */
export function settingsFileOf({ model, data, ...training }: TrainConfig, name: string): SettingsFile {
  const { path, validationPath, ...ofRows } = data;
  return {
    format: settingsFileFormat,
    version: settingsFileVersion,
    name,
    model: nameIn(model),
    data: {
      file: nameIn(path),
      ...(validationPath === undefined ? {} : { validationFile: nameIn(validationPath) }),
      ...ofRows,
    },
    training,
  };
}

/** The text of the file. */
export function settingsFileText(file: SettingsFile): string {
  return `${JSON.stringify(file, undefined, 2)}\n`;
}

/** A name for the file that every system takes. */
export function settingsFileName(name: string): string {
  const safe = name
    .replace(/[^\p{L}\p{N}._-]+/gu, '-')
    .replace(/^[-.]+|[-.]+$/g, '')
    .slice(0, 80);
  return `${safe === '' ? 'settings' : safe}${settingsFileEnding}`;
}

/** What is not taken over for other rows than the file was made with. */
export type LeftOut = 'mapping' | 'dropRows' | 'validationFile';

/**
 * The data of a project with the settings of a file. Columns and row numbers hold for the file they were chosen in;
 * held-out rows stay where the project has them.
 */
export function dataWithSettings(
  current: DataConfig,
  { file, validationFile, mapping, dropRows, ...rest }: SettingsFile['data'],
): { readonly data: DataConfig; readonly leftOut: readonly LeftOut[] } {
  const same = nameIn(current.path) === file;
  const ofFile = {
    ...(mapping === undefined ? {} : { mapping }),
    ...(dropRows === undefined ? {} : { dropRows }),
  };
  const kept = {
    ...(current.mapping === undefined ? {} : { mapping: current.mapping }),
    ...(current.dropRows === undefined ? {} : { dropRows: current.dropRows }),
  };
  const leftOut: LeftOut[] = same
    ? []
    : [
        ...(mapping === undefined ? [] : (['mapping'] as const)),
        ...(dropRows === undefined ? [] : (['dropRows'] as const)),
      ];
  if (validationFile !== undefined && current.validationPath === undefined) leftOut.push('validationFile');
  return {
    data: {
      ...rest,
      path: current.path,
      ...(current.validationPath === undefined ? {} : { validationPath: current.validationPath }),
      ...(same ? ofFile : kept),
    },
    leftOut,
  };
}
