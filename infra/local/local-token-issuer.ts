import { join } from 'node:path';
import { createTokenIssuer } from './api-gateway/token-issuer.ts';
import { inDataFolder } from './usable-folder.ts';

/** The issuer of the local system's tokens; its key lies under the data folder and outlives restarts. @throws InvalidSetting */
export const localTokenIssuer = (dataDir: string) =>
  inDataFolder(dataDir, () =>
    createTokenIssuer({
      dataDir: join(dataDir, 'token-issuer'),
      issuer: 'https://issuer.local.invalid',
      audience: 'household-export',
    }),
  );
