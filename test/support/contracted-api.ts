import { API_FUNCTIONS, type ApiFunction } from '../../shared/lambda/functions.ts';
import { openApiDocument } from '../../shared/api/openapi.ts';
import { checkOf, createAjv } from './json-schema-check.ts';

interface Header {
  readonly required: boolean;
  readonly schema: { readonly type: string };
}

interface Response {
  readonly headers?: Readonly<Record<string, Header>>;
  readonly content?: Readonly<Record<string, unknown>>;
}

type Reference = { readonly $ref: string } | Response;

interface Document {
  readonly paths: Readonly<
    Record<string, Readonly<Record<string, { readonly responses: Readonly<Record<string, Reference>> }>>>
  >;
}

/** Headers that any server on HTTP sends. */
const OF_HTTP = ['connection', 'content-length', 'content-type', 'date', 'keep-alive', 'transfer-encoding'];

export interface ContractCall {
  readonly exportId?: string;
  readonly query?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface ContractAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

const escaped = (key: string): string => key.replaceAll('~', '~0').replaceAll('/', '~1');

/** The API as it is, held to the API as its document has it: every answer that is not documented is an error. */
export class ContractedApi {
  readonly #baseUrl: string;
  readonly #ajv = createAjv();
  readonly #document = openApiDocument() as unknown as Document;
  /** `start-export 202` and so on. */
  readonly seen = new Set<string>();

  constructor(baseUrl: string) {
    this.#baseUrl = baseUrl;
    // The document is no schema itself: its own keywords say nothing of a value.
    this.#ajv.addVocabulary(Object.keys(this.#document));
    this.#ajv.addSchema(this.#document, 'api');
  }

  /** All that is documented, in the same words as `seen`. */
  get documented(): Set<string> {
    const names = Object.keys(API_FUNCTIONS) as ApiFunction[];
    return new Set(
      names.flatMap((name) => Object.keys(this.#responsesOf(name)).map((status) => `${name} ${status}`)),
    );
  }

  /** Asks, and checks status, headers and body of the answer. @throws Error that tells what is not as documented */
  async call(
    name: ApiFunction,
    { exportId = '', query = '', ...init }: ContractCall,
  ): Promise<ContractAnswer> {
    const { method, path } = API_FUNCTIONS[name].route;
    const url = this.#baseUrl + path.replace('{exportId}', exportId) + query;
    const response = await fetch(url, { method, redirect: 'manual', ...init });
    const { status, headers } = response;
    const answer = { status, headers, text: await response.text() };
    const problems = this.problems(name, answer);
    if (problems.length > 0) {
      throw new Error(
        `${name} ${answer.status} is not as documented:\n${problems.join('\n')}\n${answer.text}`,
      );
    }
    this.seen.add(`${name} ${answer.status}`);
    return answer;
  }

  /** What of an answer is not as documented. */
  problems(name: ApiFunction, answer: ContractAnswer): string[] {
    const pointer = this.#pointerTo(name, answer.status);
    if (pointer === undefined) return ['There is no such status.'];
    const response = this.#at(pointer) as Response;
    return [
      ...this.#headerProblems(response, pointer, answer),
      ...this.#bodyProblems(response, pointer, answer),
    ];
  }

  #responsesOf(name: ApiFunction) {
    const { method, path } = API_FUNCTIONS[name].route;
    return this.#document.paths[path]?.[method.toLowerCase()]?.responses ?? {};
  }

  #pointerTo(name: ApiFunction, status: number): string | undefined {
    const found = this.#responsesOf(name)[status];
    if (found === undefined) return undefined;
    if ('$ref' in found) return found.$ref;
    const { method, path } = API_FUNCTIONS[name].route;
    return `#/paths/${escaped(path)}/${method.toLowerCase()}/responses/${status}`;
  }

  #at(pointer: string): unknown {
    const keys = pointer
      .slice(2)
      .split('/')
      .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
    return keys.reduce<unknown>((value, key) => (value as Record<string, unknown>)[key], this.#document);
  }

  #check(pointer: string, value: unknown): string[] {
    return checkOf(this.#ajv, { $ref: `api${pointer}` })(value);
  }

  #headerProblems({ headers = {} }: Response, pointer: string, answer: ContractAnswer): string[] {
    const missing = Object.entries(headers)
      .filter(([name, { required }]) => required && !answer.headers.has(name))
      .map(([name]) => `The header ${name} is missing.`);
    const sent = [...answer.headers].flatMap(([name, text]) => {
      const documented = headers[name];
      if (documented === undefined) return OF_HTTP.includes(name) ? [] : [`The header ${name} is unknown.`];
      const value = documented.schema.type === 'integer' ? Number(text) : text;
      return this.#check(`${pointer}/headers/${name}/schema`, value).map((problem) => `${name}: ${problem}`);
    });
    return [...missing, ...sent];
  }

  #bodyProblems({ content }: Response, pointer: string, { headers, text }: ContractAnswer): string[] {
    if (content === undefined) return text === '' ? [] : ['There should be no body.'];
    const type = headers.get('content-type') ?? '';
    if (content[type] === undefined) return [`The content type "${type}" is unknown.`];
    return this.#check(`${pointer}/content/${escaped(type)}/schema`, JSON.parse(text));
  }
}
