import { version } from '../../package.json';

/** Version of SARA Studio, from package.json. */
export const appVersion: string = version;
