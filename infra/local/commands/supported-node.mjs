// Loaded by `node --import` ahead of a command, and plain JavaScript: a Node that cannot run TypeScript can still run this.
const [major, minor] = process.versions.node.split('.').map(Number);
// Type stripping needs no flag from 22.18.0 and from 23.6.0 (Node's documentation, "Type stripping").
const runsTypeScript = (major === 22 && minor >= 18) || (major === 23 && minor >= 6) || major > 23;

if (!runsTypeScript) {
  process.stderr.write(
    `This needs Node 22.18 or later, but this is Node ${process.versions.node}. ` +
      'Start it with npm run, which uses the Node that "npm ci" installed, or install Node 22 from https://nodejs.org.\n',
  );
  process.exit(1);
}
