/** A replay server in a process of its own: the folder of its recording. */
import { readRecording } from './recorded-pages.ts';
import { startReplayServer } from './replay-server.ts';
import { serveUntilDisconnected } from './started-server.ts';

serveUntilDisconnected(await startReplayServer(await readRecording(process.argv[2] ?? '')));
