import { afterEach, describe, expect, it } from '@jest/globals';
import { aFolder, aMachine, aSequence, aTask, cleanUp } from '../support/local-step-functions.ts';

afterEach(cleanUp);

const PASS = { Type: 'Pass', End: true };
const ONE = aSequence({ Only: PASS });
const withState = (state: object) => aSequence({ Only: state });
const parallel = (...branches: object[]) => withState({ Type: 'Parallel', End: true, Branches: branches });
const map = (overrides: object) => withState({ Type: 'Map', End: true, ItemProcessor: ONE, ...overrides });
const choice = (rule: object) =>
  aSequence({ Only: { Type: 'Choice', Choices: [{ ...rule, Next: 'Then' }] }, Then: PASS });
const catching = (...catchers: object[]) =>
  aSequence({ Only: aTask('work', { Catch: catchers }), Then: PASS });

const REFUSED: readonly [what: string, definition: object, message: RegExp][] = [
  [
    'a placeholder without a value',
    withState(aTask('work', { Resource: '${WorkFunctionArn}' })),
    /\$\{WorkFunctionArn\}/,
  ],
  ['JSONata', aSequence({ Only: PASS }, { QueryLanguage: 'JSONata' }), /QueryLanguage/],
  ['JSONata in one state', withState({ ...PASS, QueryLanguage: 'JSONata' }), /QueryLanguage/],
  ['variables', withState({ ...PASS, Assign: { a: 1 } }), /Assign/],
  ['heartbeats', withState(aTask('work', { HeartbeatSeconds: 5 })), /HeartbeatSeconds/],
  ['timeouts by path', withState(aTask('work', { TimeoutSecondsPath: '$.t' })), /TimeoutSecondsPath/],
  [
    'task tokens',
    withState(aTask('work', { Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken' })),
    /Lambda function/,
  ],
  [
    'service integrations',
    withState(aTask('work', { Resource: 'arn:aws:states:::aws-sdk:s3:getObject' })),
    /Lambda function/,
  ],
  [
    'distributed Maps',
    map({ ItemProcessor: { ...ONE, ProcessorConfig: { Mode: 'DISTRIBUTED' } } }),
    /inline/,
  ],
  ['tolerated failures', map({ ToleratedFailurePercentage: 5 }), /ToleratedFailurePercentage/],
  ['item readers', map({ ItemReader: {} }), /ItemReader/],
  ['the old Iterator', withState({ Type: 'Map', End: true, Iterator: ONE }), /Iterator/],
  ['an unknown kind of state', withState({ Type: 'Loop', End: true }), /Type/],
  ['filters in a path', withState({ ...PASS, InputPath: '$.items[?(@.a == 1)]' }), /path of fields/],
  ['a search in a path', withState({ ...PASS, OutputPath: '$..a' }), /path of fields/],
  ['an index in a ResultPath', withState({ ...PASS, ResultPath: '$.a[0]' }), /ResultPath/],
  [
    'an unknown intrinsic function',
    withState({ ...PASS, Parameters: { 'a.$': 'States.Sort($.a)' } }),
    /States\.Sort/,
  ],
  [
    'too few parameters',
    withState({ ...PASS, Parameters: { 'a.$': 'States.MathAdd(1)' } }),
    /States\.MathAdd/,
  ],
  [
    'a broken expression',
    withState({ ...PASS, Parameters: { a: [{ 'b.$': 'States.Array(1' }] } }),
    /intrinsic/,
  ],
  ['an unknown operator', choice({ Variable: '$.a', NumberIs: 1 }), /NumberIs/],
  [
    'two operators in one rule',
    choice({ Variable: '$.a', IsNull: true, IsString: true }),
    /exactly one operator/,
  ],
  ['a rule without a variable', choice({ IsNull: true }), /path/],
  ['Next to nowhere', withState({ Type: 'Pass', Next: 'Nowhere' }), /Nowhere/],
  ['StartAt nowhere', { StartAt: 'Nowhere', States: { Only: PASS } }, /Nowhere/],
  [
    'a catcher to nowhere',
    withState(aTask('work', { Catch: [{ ErrorEquals: ['a'], Next: 'Nowhere' }] })),
    /Nowhere/,
  ],
  ['a state nothing leads to', aSequence({ Only: PASS, Island: PASS }), /Island/],
  ['neither Next nor End', withState({ Type: 'Pass' }), /Next or End/],
  ['two states of one name', parallel(ONE, ONE), /two states/],
  [
    'States.ALL before another catcher',
    catching({ ErrorEquals: ['States.ALL'], Next: 'Then' }, { ErrorEquals: ['a'], Next: 'Then' }),
    /States\.ALL/,
  ],
  ['a Wait without a time', withState({ Type: 'Wait', End: true }), /Seconds/],
  [
    'a nested fault',
    parallel(aSequence({ Inner: { ...PASS, Assign: {} } })),
    /Branches\.0\.States\.Inner.*Assign/,
  ],
];

describe('a definition', () => {
  it.each(REFUSED)('is refused at start with a reason for %s', async (_what, definition, message) => {
    await expect(aMachine(definition)).rejects.toMatchObject({ name: 'DefinitionNotSupported' });
    await expect(aMachine(definition)).rejects.toThrow(message);
    await expect(aMachine(definition)).rejects.toThrow('state machine machine');
  });

  it('is refused when it is not JSON', async () => {
    const stateMachines = [{ name: 'machine', definition: '{"StartAt"' }];
    const starting = aMachine({}, {}, { dataDir: aFolder(), stateMachines });
    await expect(starting).rejects.toMatchObject({ name: 'DefinitionNotSupported' });
  });

  it('may use everything that is permitted, comments included', async () => {
    const definition = aSequence(
      {
        Begin: aTask('begin', {
          Comment: 'Tells an operator what it does.',
          Retry: [
            { Comment: 'Throttling', ErrorEquals: ['Lambda.TooManyRequestsException'], MaxAttempts: 0 },
          ],
          Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: null, Next: 'Done' }],
          InputPath: "$.a['b c'].items[0]",
          Next: 'Each',
        }),
        Each: { Type: 'Map', ItemsPath: '$.list[*]', MaxConcurrency: 3, ItemProcessor: ONE, Next: 'Done' },
        Done: { Type: 'Succeed' },
      },
      { Comment: 'All of it', Version: '1.0', QueryLanguage: 'JSONPath', TimeoutSeconds: 60 },
    );
    await expect(aMachine(definition)).resolves.toHaveProperty('server');
  });
});
