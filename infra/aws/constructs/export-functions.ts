import type { NodejsFunction } from 'aws-cdk-lib/aws-lambda-nodejs';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { FunctionName } from '../../../shared/lambda/functions.ts';
import type { Grant } from '../permissions/grant.ts';
import { keyGrants, type EncryptingKey } from '../permissions/key-grants.ts';
import { ExportFunction, type EnvironmentFor } from './export-function.ts';

interface ExportFunctionsProps<N extends FunctionName> {
  readonly names: readonly N[];
  readonly prefix: string;
  readonly environment: EnvironmentFor<N>;
  readonly grants: Readonly<Record<N, readonly Grant[]>>;
  readonly keys: readonly EncryptingKey[];
}

/** The functions of one kind. */
export class ExportFunctions<N extends FunctionName> extends Construct {
  readonly #functions = new Map<N, NodejsFunction>();
  /** Where they write their lines. */
  readonly logGroups: readonly ILogGroup[];

  constructor(scope: Construct, id: string, props: ExportFunctionsProps<N>) {
    super(scope, id);
    const { names, prefix, environment, grants, keys } = props;
    this.logGroups = names.map((name) => {
      const own = grants[name];
      const deployed = new ExportFunction(this, name, {
        prefix,
        environment,
        grants: [...own, ...keyGrants(own, keys)],
      });
      this.#functions.set(name, deployed.lambda);
      return deployed.logGroup;
    });
  }

  get all(): ReadonlyMap<N, NodejsFunction> {
    return this.#functions;
  }

  /** @throws TypeError when the function is none of these */
  named(name: N): NodejsFunction {
    const found = this.#functions.get(name);
    if (found === undefined) throw new TypeError(`${name} is not deployed here.`);
    return found;
  }
}
