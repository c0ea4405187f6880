/** The tokens of JSON text. */
const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\],:]|[^\s"{}[\],:]+/g;

const membersOf = (json: string): string[] => {
  const members: string[] = [];
  let depth = 0;
  let start = 1;
  for (const { 0: token, index } of json.matchAll(TOKEN)) {
    if (token === '{' || token === '[') depth += 1;
    if (token === '}' || token === ']') depth -= 1;
    if (depth > 1 || (depth === 1 && token !== ',')) continue;
    members.push(json.slice(start, index));
    start = index + 1;
  }
  return members;
};

/**
 * The text of a JSON object without spaces, with one member put at its end in place of any other of that name. All else
 * stays as it is to the letter: parsing would lose digits.
 */
export const withLastMember = (json: string, name: string, value: unknown): string => {
  const key = `${JSON.stringify(name)}:`;
  const members = json.includes(key)
    ? membersOf(json).filter((member) => !member.startsWith(key))
    : [json.slice(1, -1)];
  const others = members.filter((member) => member !== '');
  return `{${[...others, key + JSON.stringify(value)].join(',')}}`;
};
