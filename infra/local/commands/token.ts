import { Command } from 'commander';
import { localSettings } from '../local-settings.ts';
import { localTokenIssuer } from '../local-token-issuer.ts';
import { printLines, runCommand, WrongUse } from './command-line.ts';

const command = new Command('npm run --silent token --')
  .description(
    'Prints an access token of the local issuer for a user; nothing but the token is on standard output.',
  )
  .argument('<user>', 'id of the user, for example sample-user')
  .addHelpText(
    'after',
    '\nThe service that takes it is the one on the same LOCAL_DATA_DIR (.local unless given).',
  );

await runCommand(command, async () => {
  const [user = ''] = command.args;
  if (user.trim() === '') throw new WrongUse('Name a user.');
  const issuer = await localTokenIssuer(localSettings(process.env).dataDir);
  printLines(await issuer.issueToken(user));
});
