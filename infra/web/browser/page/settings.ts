import type { PageSettings } from '../../page-settings.ts';
import { isRecord } from './is-record.ts';

const text = (value: unknown, name: string): string => {
  if (typeof value !== 'string') throw new Error(`config.json has no ${name}.`);
  return value;
};

/** Reads what the page has to know of its deployment. @throws Error where it cannot be had */
export const loadSettings = async (): Promise<PageSettings> => {
  // In the way in which index.html has asked for it ahead.
  const response = await fetch('/config.json', { credentials: 'same-origin', mode: 'cors' });
  const value: unknown = response.ok ? await response.json() : undefined;
  if (!isRecord(value)) throw new Error('config.json cannot be read.');
  const { metadataUrl } = value;
  return {
    issuer: text(value['issuer'], 'issuer'),
    ...(typeof metadataUrl === 'string' ? { metadataUrl } : {}),
    clientId: text(value['clientId'], 'clientId'),
    scope: text(value['scope'], 'scope'),
    apiUrl: text(value['apiUrl'], 'apiUrl'),
  };
};
